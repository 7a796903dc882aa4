{#- A value as text that is ordered byte by byte, whatever the database's language. -#}
{% macro binary_text(expression) -%}
    {{ return(adapter.dispatch('binary_text', 'app_sessions')(expression)) }}
{%- endmacro %}

{% macro default__binary_text(expression) -%}
    cast({{ expression }} as {{ dbt.type_string() }})
{%- endmacro %}

{#- Else the database's language would decide what the smallest of several texts is. -#}
{% macro postgres__binary_text(expression) -%}
    cast({{ expression }} as text) collate "C"
{%- endmacro %}

{% macro redshift__binary_text(expression) -%}
    {{ default__binary_text(expression) }}
{%- endmacro %}

{#- The type of text in a table, ordered likewise. -#}
{% macro binary_text_type() -%}
    {{ return(adapter.dispatch('binary_text_type', 'app_sessions')()) }}
{%- endmacro %}

{% macro default__binary_text_type() -%}{{ dbt.type_string() }}{%- endmacro %}

{% macro postgres__binary_text_type() -%}text collate "C"{%- endmacro %}

{% macro redshift__binary_text_type() -%}{{ dbt.type_string() }}{%- endmacro %}
