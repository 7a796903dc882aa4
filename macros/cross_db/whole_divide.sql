{#- Quotient of two whole numbers, the dividend not negative, without its fraction. -#}
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

{% macro bigquery__whole_divide(dividend, divisor) -%}
    div(({{ dividend }}), ({{ divisor }}))
{%- endmacro %}

{#- Snowflake's quotient is rounded to six decimals, which could reach the next whole number. -#}
{% macro snowflake__whole_divide(dividend, divisor) -%}
    cast((({{ dividend }}) - mod(({{ dividend }}), ({{ divisor }}))) / ({{ divisor }}) as bigint)
{%- endmacro %}
