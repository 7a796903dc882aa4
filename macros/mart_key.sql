{#- Reference: macros/_macros.yml (mart_key). -#}
{% macro mart_key(columns) -%}
    md5(
        {%- for column in columns %}
        coalesce(cast({{ column }} as {{ dbt.type_string() }}), ''){{ " || '|' ||" if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{#- Reference: macros/_macros.yml (reporting_currency). -#}
{% macro reporting_currency() -%}
    cast('{{ var("reporting_currency") | upper }}' as {{ dbt.type_string() }})
{%- endmacro %}
