{#- An expression as a decimal of that many digits, rounded half away from zero. -#}
{% macro as_decimal(expression, precision, scale) -%}
    {{ return(adapter.dispatch('as_decimal', 'app_sessions')(expression, precision, scale)) }}
{%- endmacro %}

{#- Rounds half away from zero on every engine; a value that does not fit is an error on every engine. -#}
{% macro default__as_decimal(expression, precision, scale) -%}
    cast({{ expression }} as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}

{#-
    BigQuery takes no precision in a cast. Its numeric has 29 digits before the point and 9 after it: no amount that fits
    elsewhere is too large, and none is cut.
-#}
{% macro bigquery__as_decimal(expression, precision, scale) -%}
    round(cast({{ expression }} as {{ 'numeric' if precision - scale <= 29 and scale <= 9 else 'bignumeric' }}), {{ scale }})
{%- endmacro %}
