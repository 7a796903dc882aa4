{#- The config `indexes` of a model, empty for an engine that has no use for any. -#}
{% macro lookup_indexes(column_lists) -%}
    {{ return(adapter.dispatch('lookup_indexes', 'app_sessions')(column_lists)) }}
{%- endmacro %}

{#- Nothing: column stores skip by what they note of each block. -#}
{% macro default__lookup_indexes(column_lists) -%}{{ return([]) }}{%- endmacro %}

{% macro postgres__lookup_indexes(column_lists) -%}
    {%- set indexes = [] -%}
    {%- for columns in column_lists -%}{%- do indexes.append({'columns': columns}) -%}{%- endfor -%}
    {{ return(indexes) }}
{%- endmacro %}

{% macro redshift__lookup_indexes(column_lists) -%}{{ return([]) }}{%- endmacro %}
