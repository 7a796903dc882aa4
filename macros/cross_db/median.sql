{#- Reference: macros/_macros.yml (median). -#}
{% macro median(value) -%}
    {{ return(adapter.dispatch('median', 'app_sessions')(value)) }}
{%- endmacro %}

{% macro default__median(value) -%}
    percentile_cont(0.5) within group (order by {{ value }})
{%- endmacro %}
