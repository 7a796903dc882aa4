{#- Reference: macros/_macros.yml (usable_id). -#}
{% macro usable_id(text) -%}
    case
        when {{ app_sessions.consists_of_zeros(text) }} then null
        {%- for placeholder in ['null', 'unknown', 'n/a', 'none', 'nan', 'undefined'] %}
        when lower({{ text }}) = '{{ placeholder }}' then null
        {%- endfor %}
        else {{ text }}
    end
{%- endmacro %}
