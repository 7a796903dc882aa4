{#- Reference: macros/_macros.yml (row_as_json). -#}
{% macro row_as_json(columns) -%}
    {{ return(adapter.dispatch('row_as_json', 'app_sessions')(columns)) }}
{%- endmacro %}

{% macro default__row_as_json(columns) -%}
    {{ exceptions.raise_compiler_error(
        "row_as_json: no implementation for adapter '" ~ adapter.type()
        ~ "'; add one to macros/cross_db/row_as_json.sql"
    ) }}
{%- endmacro %}

{% macro duckdb__row_as_json(columns) -%}
    cast(to_json(struct_pack(
        {%- for column in columns %}
        "{{ column }}" := "{{ column }}"{{ ',' if not loop.last }}
        {%- endfor %}
    )) as varchar)
{%- endmacro %}

{% macro postgres__row_as_json(columns) -%}
    (
        select cast(row_to_json(whole_row) as text)
        from (
            select
                {%- for name, column in columns.items() %}
                {{ adapter.quote(column) }} as {{ adapter.quote(name) }}{{ ',' if not loop.last }}
                {%- endfor %}
        ) as whole_row
    )
{%- endmacro %}

{#- `'name' <between> column` of each column, with a comma between; {name: the column as the table has it}. -#}
{% macro _named_columns(columns, between) -%}
    {%- for name, column in columns.items() %}
        '{{ name }}'{{ between }} {{ adapter.quote(column) }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro snowflake__row_as_json(columns) -%}
    to_json(object_construct_keep_null({{ _named_columns(columns, ',') }}))
{%- endmacro %}

{% macro bigquery__row_as_json(columns) -%}
    to_json_string(struct(
        {%- for column in columns.values() %}
        {{ adapter.quote(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}

{% macro databricks__row_as_json(columns) -%}
    to_json(named_struct({{ _named_columns(columns, ',') }}))
{%- endmacro %}

{% macro redshift__row_as_json(columns) -%}
    json_serialize(object({{ _named_columns(columns, ',') }}))
{%- endmacro %}

{% macro trino__row_as_json(columns) -%}
    json_object({{ _named_columns(columns, ' value') }})
{%- endmacro %}

{#- Nulls stay in it, as on the others. -#}
{% macro spark__row_as_json(columns) -%}
    to_json(named_struct({{ _named_columns(columns, ',') }}), map('ignoreNullFields', 'false'))
{%- endmacro %}
