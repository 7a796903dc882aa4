{#- Reference: macros/_macros.yml (as_double). -#}
{% macro as_double(expression) -%}
    {{ return(adapter.dispatch('as_double', 'app_sessions')(expression)) }}
{%- endmacro %}

{% macro default__as_double(expression) -%}
    cast({{ expression }} as {{ type_double() }})
{%- endmacro %}

{#- Of decimals with more than 15 digits DuckDB's direct cast is not always the nearest double. -#}
{% macro duckdb__as_double(expression) -%}
    cast(cast({{ expression }} as varchar) as double)
{%- endmacro %}
