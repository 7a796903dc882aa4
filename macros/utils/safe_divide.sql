{#- Quotient as a double, null where the denominator is 0 or null. -#}
{% macro safe_divide(numerator, denominator) -%}
    {{ app_sessions.as_double(numerator) }} / nullif({{ denominator }}, 0)
{%- endmacro %}
