{#- A number as the double that is nearest to it. -#}
{% macro as_double(expression) -%}
    {{ return(adapter.dispatch('as_double', 'app_sessions')(expression)) }}
{%- endmacro %}

{% macro default__as_double(expression) -%}
    cast({{ expression }} as {{ app_sessions.type_double() }})
{%- endmacro %}

{#-
    Of decimals with more than 15 digits DuckDB's direct cast is not always the nearest double. It knows how many of them
    are places when it plans, so that only such decimals take the slow way.
-#}
{% macro duckdb__as_double(expression) -%}
    {%- set places -%}
        coalesce(try_cast(regexp_extract(typeof({{ expression }}), '(\d+)\)$', 1) as integer), 0)
    {%- endset -%}
    case
        when abs({{ expression }}) < power(10, 15 - {{ places }}) then cast({{ expression }} as double)
        else cast(cast({{ expression }} as varchar) as double)
    end
{%- endmacro %}
