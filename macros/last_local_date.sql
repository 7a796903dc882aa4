{#- Reference: macros/_macros.yml (last_local_date). -#}
{% macro last_local_date(timestamp) -%}
    {#- Nowhere are clocks set back by more than an hour over midnight. -#}
    {{ local_date(timestamp if var('reporting_timezone') == 'UTC' else plus_seconds(timestamp, 3600)) }}
{%- endmacro %}
