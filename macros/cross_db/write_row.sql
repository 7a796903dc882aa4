{#- Statements, one where the engine has no transactions, that write one row by its key. -#}
{% macro write_row(table, key, row) -%}
    {{ return(adapter.dispatch('write_row', 'app_sessions')(table, key, row)) }}
{%- endmacro %}

{% macro default__write_row(table, key, row) -%}
    delete from {{ table }} where {{ key }} = {{ row[key] }};
    insert into {{ table }} ({{ row.keys() | join(', ') }})
    values ({{ row.values() | join(', ') }})
{%- endmacro %}

{#- One statement, where no transaction holds two together. -#}
{% macro _merge_row(table, key, row) -%}
    merge into {{ table }} as kept
    using (
        select
            {%- for column, value in row.items() %}
            {{ value }} as {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
    ) as written
        on kept.{{ key }} = written.{{ key }}
    when matched then update set
        {%- for column in row if column != key %}
        {{ column }} = written.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    when not matched then insert ({{ row.keys() | join(', ') }})
    values (
        {%- for column in row %}
        written.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{% macro snowflake__write_row(table, key, row) -%}{{ _merge_row(table, key, row) }}{%- endmacro %}

{% macro bigquery__write_row(table, key, row) -%}{{ _merge_row(table, key, row) }}{%- endmacro %}

{% macro databricks__write_row(table, key, row) -%}{{ _merge_row(table, key, row) }}{%- endmacro %}

{% macro trino__write_row(table, key, row) -%}{{ _merge_row(table, key, row) }}{%- endmacro %}

{% macro spark__write_row(table, key, row) -%}{{ _merge_row(table, key, row) }}{%- endmacro %}
