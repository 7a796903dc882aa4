{#- A text that is a whole number with a fraction of zeros, without it. -#}
{% macro _whole_id(text) -%}
    {{ return(adapter.dispatch('_whole_id', 'app_sessions')(text)) }}
{%- endmacro %}

{% macro default___whole_id(text) -%}
    case
        when {{ text }} like '%.0' and {{ text }} <> '.0' and translate({{ text }}, '0123456789', '') = '.'
            then substr({{ text }}, 1, length({{ text }}) - 2)
        when {{ text }} like '%.00' and {{ text }} <> '.00' and translate({{ text }}, '0123456789', '') = '.'
            then substr({{ text }}, 1, length({{ text }}) - 3)
        else {{ text }}
    end
{%- endmacro %}

{% macro spark___whole_id(text) -%}regexp_replace({{ text }}, '^([0-9]+)[.]00?$', '$1'){%- endmacro %}

{% macro databricks___whole_id(text) -%}{{ default___whole_id(text) }}{%- endmacro %}
