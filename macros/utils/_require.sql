{#- Stops the build with "<macro>: <message>" unless the condition holds. -#}
{% macro _require(condition, where, message) %}
    {%- if not condition -%}
        {{ exceptions.raise_compiler_error(where ~ ": " ~ message) }}
    {%- endif -%}
{% endmacro %}
