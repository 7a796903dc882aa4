{#- Reference: macros/_macros.yml (mart_key). -#}
{% macro mart_key(columns, separator='|') -%}
    {{ dbt.hash(key_text(columns, separator)) }}
{%- endmacro %}

{#- Reference: macros/_macros.yml (key_text). -#}
{% macro key_text(columns, separator='|') -%}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- do parts.append('coalesce(cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ "), '')") -%}
    {%- endfor -%}
    {{ parts | join(" || '" ~ separator ~ "' || ") }}
{%- endmacro %}

{#- Reference: macros/_macros.yml (reporting_currency). -#}
{% macro reporting_currency() -%}
    cast('{{ var("reporting_currency") | upper }}' as {{ dbt.type_string() }})
{%- endmacro %}
