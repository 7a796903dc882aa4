{#- Which loads are missing in the event log, and the command that fetches them. -#}
{% macro _lost_loads_message(missing) %}
    {%- set lines = [] -%}
    {%- set dates = [] -%}
    {%- for row in missing.rows -%}
        {%- do lines.append(
            "provider " ~ row[0] ~ ", loaded on " ~ row[1] ~ ": " ~ row[2] ~ " raw rows, of which " ~ row[3]
            ~ " accepted, " ~ row[4] ~ " duplicates, " ~ row[5] ~ " rejected, " ~ row[6] ~ " left out"
        ) -%}
        {%- if row[1] is not none -%}{%- do dates.append(row[1]) -%}{%- endif -%}
    {%- endfor -%}
    {%- set newest = run_query(
        "select cast(max(loaded_at) as date) from " ~ ref('int_event_log') ~ " where event_status <> 'rejected'"
    ).columns[0].values()[0] -%}
    {%- set days = [var('load_lookback_days') | int] -%}
    {%- for date in dates if newest -%}
        {%- do days.append((newest - date).days + 1) -%}
    {%- endfor -%}
    {%- set vars = dict(invocation_args_dict.get('vars') or {}, load_lookback_days=days | max) -%}
    {{ return(
        "raw rows are in no table, because they landed more than load_lookback_days ("
        ~ var('load_lookback_days') ~ ") behind the newest load:\n  " ~ lines | join('\n  ')
        ~ "\n  Load them with: dbt build --vars '" ~ tojson(vars) ~ "'"
    ) }}
{% endmacro %}
