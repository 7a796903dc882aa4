{#- md5 of some columns' text with a bar, or what else is said, between; a null is no text. -#}
{% macro mart_key(columns, separator='|') -%}
    {{ dbt.hash(key_text(columns, separator)) }}
{%- endmacro %}

{#- The text that `mart_key` is the md5 of. -#}
{% macro key_text(columns, separator='|') -%}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- do parts.append('coalesce(cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ "), '')") -%}
    {%- endfor -%}
    {{ parts | join(" || '" ~ separator ~ "' || ") }}
{%- endmacro %}

{#- The var `reporting_currency` in upper case, as an SQL literal. -#}
{% macro reporting_currency() -%}
    cast('{{ var("reporting_currency") | upper }}' as {{ dbt.type_string() }})
{%- endmacro %}
