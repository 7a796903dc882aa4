{#- Reference: macros/_macros.yml (whole_divide). -#}
{% macro whole_divide(dividend, divisor) -%}
    {{ return(adapter.dispatch('whole_divide', 'app_sessions')(dividend, divisor)) }}
{%- endmacro %}

{% macro default__whole_divide(dividend, divisor) -%}
    ({{ dividend }}) / ({{ divisor }})
{%- endmacro %}

{% macro duckdb__whole_divide(dividend, divisor) -%}
    ({{ dividend }}) // ({{ divisor }})
{%- endmacro %}

{% macro spark__whole_divide(dividend, divisor) -%}
    ({{ dividend }}) div ({{ divisor }})
{%- endmacro %}
