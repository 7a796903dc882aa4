{#- People who asked to be erased: rows that hold one of their ids keep where they came from, and nothing else. -#}

{#- What stands in place of an event's id and reason, and of a line that cannot be read. -#}
{% macro _erased() %}{{ return('erased') }}{% endmacro %}

{#- Whether seeds/erased_users.csv names anybody: without, no row is hashed. -#}
{% macro _has_erased_users() %}
    {%- set seed = ref('erased_users') -%}
    {#- what a unit test gives is in no schema -#}
    {%- if not execute or not seed.schema -%}{{ return(false) }}{%- endif -%}
    {%- set cache = run_cache() -%}
    {%- if 'has erased users' not in cache -%}
        {%- set found = load_relation(seed) -%}
        {%- do cache.update({'has erased users':
            found is not none and asked_rows(_first_row_query(found)) | length > 0
        }) -%}
    {%- endif -%}
    {{ return(cache['has erased users']) }}
{% endmacro %}

{% macro _first_row_query(relation) %}{{ return("select 1 as found from " ~ relation ~ " limit 1") }}{% endmacro %}

{#- Columns in which an id of a person may be: of raw_row the whole text. -#}
{% macro _erasable_columns() %}{{ return(['user_id', 'device_id', 'customer_user_id', 'raw_row']) }}{% endmacro %}

{#- The hash of each seed row, texts as `dbt.hash` hashes them. -#}
{% macro _erased_hashes() %}
    {{ return("(select erased.id_hash from " ~ _erased_ids() ~ " as erased)") }}
{% endmacro %}

{#-
    `rows` (a relation, or a query in brackets), with rows of erased people emptied; to be named by the caller. A row
    belongs to such a person where one of its ids in its app is in the seed, or where it is a line of which no more was left.
-#}
{% macro _without_erased(rows, columns) %}
    {%- if not _has_erased_users() -%}{{ return(rows) }}{%- endif -%}
    {%- set conditions = ["found_rows.raw_row = " ~ text_literal(_erased_line())] -%}
    {%- for column in _erasable_columns() -%}
        {%- do conditions.append('erased_by_' ~ column ~ '.id_hash is not null') -%}
    {%- endfor -%}
    {%- set sql -%}
    (
        select
            {%- for column in columns %}
            {%- if column in ['provider', 'loaded_at', 'file_name'] %}
            {{ column }}
            {%- elif column in ['event_id', 'left_out_reason'] %}
            case when is_erased = 1 then '{{ _erased() }}' else {{ column }} end as {{ column }}
            {%- else %}
            case when is_erased = 0 then {{ column }} end as {{ column }}
            {%- endif -%}
            {{ ',' if not loop.last }}
            {%- endfor %}
        from (
            select
                found_rows.*,
                case when {{ conditions | join(' or ') }} then 1 else 0 end as is_erased
            from {{ rows }} as found_rows
            {%- for column in _erasable_columns() %}
            left join {{ _erased_ids() }} as erased_by_{{ column }}
                on
                    {{ _erasable_hash('found_rows.' ~ column) }} = erased_by_{{ column }}.id_hash
                    and coalesce(found_rows.app_id, '') = erased_by_{{ column }}.app_id
                    and found_rows.{{ column }} is not null
            {%- endfor %}
        ) as marked_rows
    )
    {%- endset -%}
    {{ return(sql) }}
{% endmacro %}

{#- What the log says of a line that cannot be read and was erased. -#}
{% macro _erased_line() %}{{ return('{"_unreadable_line":"' ~ _erased() ~ '"}') }}{% endmacro %}

{#- Lines of files that cannot be read are kept in state_file_rows: those of erased people lose their text. -#}
{% macro _erase_kept_lines() %}
    {%- if _has_erased_users() and not var('hash_ids') -%}
        {%- set raw = {'columns': {'unreadable_line': 'VARCHAR'}} -%}
        {%- do run_query(
            "update " ~ _relation_of('state_file_rows') ~ " set unreadable_line = '" ~ _erased() ~ "', error_message = null "
            ~ "where unreadable_line <> '" ~ _erased() ~ "' and " ~ dbt.hash(
                row_as_json(raw).replace('unreadable_line :=', '_unreadable_line :=')
            ) ~ " in " ~ _erased_hashes()
        ) -%}
    {%- endif -%}
{% endmacro %}

{#- Texts for _event_log_settings: whom the log's rows were judged without. -#}
{% macro _erased_user_settings() %}
    {%- set found = [] -%}
    {%- if _has_erased_users() -%}
        {%- for app_id, id_hash in run_query(
            "select distinct coalesce(app_id, ''), id_hash from " ~ ref('erased_users') ~ " order by 1, 2"
        ) -%}{%- do found.append('erased ' ~ app_id ~ '.' ~ id_hash) -%}{%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}

{#- Adds to `stops` if rows of the log belong to people who are newly in the seed; an erased row cannot be brought back. -#}
{% macro _judge_erased_users(before, now, stops) %}
    {%- set gone = [] -%}
    {%- for text in before if text.startswith('erased ') and text not in now -%}{%- do gone.append(text) -%}{%- endfor -%}
    {%- if gone and _log_has("event_status = 'left_out' and rejection_reason = '" ~ _erased() ~ "'") -%}
        {%- do _require(false, 'erased_users',
            gone | length ~ " row(s) that the seed had are no longer in it, and their events are erased: put them back, or read "
            ~ "all files again with dbt build --full-refresh"
        ) -%}
    {%- endif -%}
    {%- set new = [] -%}
    {%- for text in now if text.startswith('erased ') and text not in before -%}{%- do new.append(text) -%}{%- endfor -%}
    {%- if new -%}
        {%- set conditions = [] -%}
        {%- for column in _erasable_columns() -%}
            {%- do conditions.append(_erasable_hash(column) ~ " in " ~ _erased_hashes()) -%}
        {%- endfor -%}
        {%- if _log_has(conditions | join(' or ')) -%}
            {%- do stops.append("people are erased who were not before") -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{#- In a list, the statement that takes keys of users who are in no row of the log, not any more, out of what waits for other tables. -#}
{% macro _forget_erased_keys(log) %}
    {{ return([
        "delete from " ~ ref('state_changes') ~ " where user_key not in (select user_key from " ~ log
        ~ " where user_key is not null)"
    ] if _has_erased_users() or var('hash_ids') else []) }}
{% endmacro %}
