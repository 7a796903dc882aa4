{#- Reference: macros/_macros.yml (canonical_platform). -#}
{% macro canonical_platform(text) -%}
    case
        when lower({{ text }}) in ('ios', 'android', 'amazon', 'web') then lower({{ text }})
        else 'other'
    end
{%- endmacro %}
