{#- SQL condition that a text has no characters but `0`, `-`, `:` and braces. -#}
{% macro consists_of_zeros(text) -%}
    {{ return(adapter.dispatch('consists_of_zeros', 'app_sessions')(text)) }}
{%- endmacro %}

{% macro default__consists_of_zeros(text) -%}
    translate({{ text }}, '0-:{}', '') = ''
{%- endmacro %}

{#- A pattern stops at the first other character: most ids need one look. -#}
{% macro duckdb__consists_of_zeros(text) -%}
    regexp_full_match({{ text }}, '[0:{}-]*')
{%- endmacro %}
