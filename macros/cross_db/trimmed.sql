{#- A text without blanks at its ends, in the engine's cheapest way. -#}
{% macro trimmed(text) -%}
    {{ return(adapter.dispatch('trimmed', 'app_sessions')(text)) }}
{%- endmacro %}

{% macro default__trimmed(text) -%}trim({{ text }}){%- endmacro %}

{#- DuckDB's trim looks at each character's class, also those in the middle: only where there may be something to trim. -#}
{% macro duckdb__trimmed(text) -%}
    case
        when {{ text }} like ' %' or {{ text }} like '% ' or strlen({{ text }}) <> length({{ text }}) then trim({{ text }})
        else {{ text }}
    end
{%- endmacro %}
