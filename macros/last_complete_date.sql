{#- SQL expression of the last complete date, in the app's zone. -#}
{% macro last_complete_date(newest_load_at, app_id) -%}
    {{ _plus_days(local_date(newest_load_at, app_id), -1 - (var('late_days') | int)) }}
{%- endmacro %}
