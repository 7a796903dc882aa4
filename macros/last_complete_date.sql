{#- Reference: macros/_macros.yml (last_complete_date). -#}
{% macro last_complete_date(newest_load_at, app_id) -%}
    {{ _plus_days(local_date(newest_load_at, app_id), -1 - (var('late_days') | int)) }}
{%- endmacro %}
