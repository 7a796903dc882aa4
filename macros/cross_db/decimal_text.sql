{#- Text of a decimal with all its digits after the point, zeros at the end included. -#}
{% macro decimal_text(expression, scale=6) -%}
    {{ return(adapter.dispatch('decimal_text', 'app_sessions')(expression, scale)) }}
{%- endmacro %}

{% macro default__decimal_text(expression, scale) -%}
    cast({{ expression }} as {{ dbt.type_string() }})
{%- endmacro %}

{#- A cast would leave out the zeros at the end. -#}
{% macro bigquery__decimal_text(expression, scale) -%}
    format('%.{{ scale }}f', {{ expression }})
{%- endmacro %}
