{#- The last lines of a run: what came in, what was refused, which files were not read, how many sessions there are. -#}
{% macro say_what_came_in(results) %}
    {%- if not execute -%}{{ return('') }}{%- endif -%}
    {%- set built = [] -%}
    {%- for result in results if result.node.name == 'int_event_log' and result.node.resource_type == 'model'
        and result.status | string == 'success' -%}{%- do built.append(1) -%}{%- endfor -%}
    {%- set loads, ledger = load_relation(_relation_of('int_event_loads')), load_relation(_relation_of('state_files')) -%}
    {%- if not built or not loads or not ledger or flags.EMPTY -%}{{ return('') }}{%- endif -%}
    {#- one statement: on Spark each takes its time -#}
    {%- set parts = [
        "select 'events' as kind, event_status as name, coalesce(rejection_reason, '') as reason, sum(row_count) as refused,"
        ~ " 0 as superseded, 0 as nulled from " ~ loads ~ " group by event_status, coalesce(rejection_reason, '')"
    ] -%}
    {%- set notes = load_relation(_relation_of('int_event_notes')) -%}
    {%- if notes -%}
        {%- do parts.append(
            "select 'notes', '', '', 0, 0, coalesce(sum(row_count), 0) from " ~ notes
            ~ " where column_name not in ('currency', 'country')"
        ) -%}
    {%- endif -%}
    {%- for result in results if result.node.name == 'mart_rejections' and result.status | string == 'success' -%}
        {%- do parts.append(
            "select 'feed', feed, '', sum(case when kind = 'row_refused' then row_count else 0 end), sum(case when kind = 'superseded'"
            ~ " then row_count else 0 end), sum(case when kind = 'value_set_to_null' then row_count else 0 end) from "
            ~ _relation_of('mart_rejections') ~ " where feed <> 'events' group by feed"
        ) -%}
    {%- endfor -%}
    {%- set sessions = load_relation(_relation_of('fct_sessions')) -%}
    {%- if sessions -%}{%- do parts.append("select 'sessions', '', '', count(*), 0, 0 from " ~ sessions) -%}{%- endif -%}
    {%- set found = {'events': {}, 'reasons': [], 'feeds': []} -%}
    {%- for kind, name, reason, refused, superseded, nulled in run_query(parts | join(' union all ') ~ ' order by 1, 2, 3') -%}
        {%- if kind == 'events' -%}
            {%- do found.events.update({name: found.events.get(name, 0) + (refused | int)}) -%}
            {%- if name == 'rejected' -%}{%- do found.reasons.append((-(refused | int), reason)) -%}{%- endif -%}
        {%- elif kind == 'feed' -%}
            {%- do found.feeds.append(
                name ~ ": " ~ _grouped(refused) ~ " rows refused, " ~ _grouped(superseded) ~ " superseded, " ~ _grouped(nulled)
                ~ " values left out (marts.mart_rejections)"
            ) -%}
        {%- else -%}
            {%- do found.update({kind: nulled if kind == 'notes' else refused}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set lines = [
        "events so far: " ~ _grouped(found.events.get('accepted', 0)) ~ " accepted, " ~ _grouped(found.events.get('duplicate', 0))
        ~ " duplicates, " ~ _grouped(found.events.get('rejected', 0)) ~ " refused"
    ] -%}
    {%- set reasons = [] -%}
    {%- for count, reason in (found.reasons | sort)[:3] -%}{%- do reasons.append(reason ~ ' ' ~ _grouped(-count)) -%}{%- endfor -%}
    {%- if reasons -%}
        {%- do lines.append("refused most often: " ~ reasons | join(', ') ~ " (all: marts.mart_rejections; rows: int_events_rejected)") -%}
    {%- endif -%}
    {%- if found.notes -%}
        {%- do lines.append("values left out, their rows kept: " ~ _grouped(found.notes) ~ " (marts.mart_rejections)") -%}
    {%- endif -%}
    {%- do lines.extend(found.feeds) -%}
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
    {%- if reads_files() -%}{%- do lines.extend(_folders_not_read()[:10]) -%}{%- endif -%}
    {%- if sessions -%}{%- do lines.append("sessions: " ~ _grouped(found.sessions) ~ " (core.fct_sessions)") -%}{%- endif -%}
    {%- for line in lines -%}{%- do log(line, info=true) -%}{%- endfor -%}
{% endmacro %}

{% macro _grouped(number) %}{{ return('{:,}'.format(number | int)) }}{% endmacro %}
