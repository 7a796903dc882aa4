{#- Reference: macros/_macros.yml (say_what_came_in). -#}
{% macro say_what_came_in(results) %}
    {%- if not execute -%}{{ return('') }}{%- endif -%}
    {%- set built = [] -%}
    {%- for result in results if result.node.name == 'int_event_log' and result.node.resource_type == 'model'
        and result.status | string == 'success' -%}{%- do built.append(1) -%}{%- endfor -%}
    {%- set loads, ledger = load_relation(_relation_of('int_event_loads')), load_relation(_relation_of('state_files')) -%}
    {%- if not built or not loads or not ledger or flags.EMPTY -%}{{ return('') }}{%- endif -%}
    {%- set counts = run_query(
        "select sum(case when event_status = 'accepted' then row_count else 0 end), "
        ~ "sum(case when event_status = 'duplicate' then row_count else 0 end), "
        ~ "sum(case when event_status = 'rejected' then row_count else 0 end) from " ~ loads
    ).rows[0] -%}
    {%- set lines = [
        "events so far: " ~ _grouped(counts[0]) ~ " accepted, " ~ _grouped(counts[1]) ~ " duplicates, " ~ _grouped(counts[2]) ~ " refused"
    ] -%}
    {%- if counts[2] -%}
        {%- set reasons = [] -%}
        {%- for reason, count in run_query(
            "select rejection_reason, sum(row_count) from " ~ loads
            ~ " where event_status = 'rejected' group by 1 order by 2 desc, 1 limit 3"
        ) -%}{%- do reasons.append(reason ~ ' ' ~ _grouped(count)) -%}{%- endfor -%}
        {%- do lines.append("refused most often: " ~ reasons | join(', ') ~ " (all: marts.mart_rejections; rows: int_events_rejected)") -%}
    {%- endif -%}
    {%- set notes = load_relation(_relation_of('int_event_notes')) -%}
    {%- if notes -%}
        {%- set noted = run_query(
            "select coalesce(sum(row_count), 0) from " ~ notes ~ " where column_name not in ('currency', 'country')"
        ).rows[0][0] -%}
        {%- if noted -%}
            {%- do lines.append("values left out, their rows kept: " ~ _grouped(noted) ~ " (marts.mart_rejections)") -%}
        {%- endif -%}
    {%- endif -%}
    {%- for result in results if result.node.name == 'mart_rejections' and result.status | string == 'success' -%}
        {%- for feed, refused, superseded, nulled in run_query(
            "select feed, sum(case when kind = 'row_refused' then row_count else 0 end), sum(case when kind = 'superseded' then row_count"
            ~ " else 0 end), sum(case when kind = 'value_set_to_null' then row_count else 0 end) from "
            ~ _relation_of('mart_rejections') ~ " where feed <> 'events' group by feed order by feed"
        ) -%}
            {%- do lines.append(
                feed ~ ": " ~ _grouped(refused) ~ " rows refused, " ~ _grouped(superseded) ~ " superseded, " ~ _grouped(nulled)
                ~ " values left out (marts.mart_rejections)"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if reads_files() -%}
        {%- set files = {} -%}
        {%- for status, count in run_query("select status, count(*) from " ~ ledger ~ " where feed is not null group by 1") -%}
            {%- do files.update({status: count | int}) -%}
        {%- endfor -%}
        {%- do lines.append(
            "files: " ~ files.get('read', 0) ~ " read" ~ (", " ~ files.gone ~ " read and gone since" if files.gone else "")
            ~ (", " ~ files.not_read ~ " not read:" if files.not_read else "")
        ) -%}
        {%- set told = run_query(
            "select file_name, reason, count(*) over () from " ~ ledger
            ~ " where status in ('not_read', 'read') and reason is not null order by 1 limit 5"
        ).rows -%}
        {%- for name, reason, _ in told -%}{%- do lines.append("  " ~ name ~ ": " ~ reason) -%}{%- endfor -%}
        {%- if told and told[0][2] > told | length -%}
            {%- do lines.append("  and " ~ _grouped(told[0][2] - told | length) ~ " more (intermediate.state_files)") -%}
        {%- endif -%}
    {%- endif -%}
    {%- set sessions = load_relation(_relation_of('fct_sessions')) -%}
    {%- if sessions -%}
        {%- do lines.append("sessions: " ~ _grouped(run_query("select count(*) from " ~ sessions).rows[0][0]) ~ " (core.fct_sessions)") -%}
    {%- endif -%}
    {%- for line in lines -%}{%- do log(line, info=true) -%}{%- endfor -%}
{% endmacro %}

{% macro _grouped(number) %}{{ return('{:,}'.format(number | int)) }}{% endmacro %}
