{#- Reference: macros/_macros.yml (safe_divide). -#}
{% macro safe_divide(numerator, denominator) -%}
    {{ app_sessions.as_double(numerator) }} / nullif({{ denominator }}, 0)
{%- endmacro %}
