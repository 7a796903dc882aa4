{#- ios, android, amazon and web in lower case, `other` for anything else and null. -#}
{% macro canonical_platform(text) -%}
    case
        when lower({{ text }}) in ('ios', 'android', 'amazon', 'web') then lower({{ text }})
        else 'other'
    end
{%- endmacro %}
