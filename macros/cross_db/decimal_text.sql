{#- Reference: macros/_macros.yml (decimal_text). -#}
{% macro decimal_text(expression) -%}
    {{ return(adapter.dispatch('decimal_text', 'app_sessions')(expression)) }}
{%- endmacro %}

{% macro default__decimal_text(expression) -%}
    cast({{ expression }} as {{ dbt.type_string() }})
{%- endmacro %}

{#- A cast would leave out the zeros at the end. -#}
{% macro bigquery__decimal_text(expression) -%}
    format('%.6f', {{ expression }})
{%- endmacro %}
