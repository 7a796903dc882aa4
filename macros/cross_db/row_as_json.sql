{#- The canonical columns of a raw row that are not null, as JSON text. -#}
{% macro row_as_json(raw) -%}
    {%- set columns = raw.columns.keys() | reject('in', ['file_name', '_file_loaded_at']) | list -%}
    {{ return(adapter.dispatch('row_as_json', 'app_sessions')(columns) if columns
        else 'cast(null as ' ~ dbt.type_string() ~ ')') }}
{%- endmacro %}

{% macro default__row_as_json(columns) -%}{{ app_sessions._not_there('row_as_json') }}{%- endmacro %}

{% macro duckdb__row_as_json(columns) -%}
    cast(json_merge_patch('{}', to_json(struct_pack(
        {%- for column in columns %}
        {{ column }} := {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    ))) as varchar)
{%- endmacro %}

{% macro postgres__row_as_json(columns) -%}
    (
        select cast(json_strip_nulls(row_to_json(whole_row)) as text)
        from (select {{ columns | join(', ') }}) as whole_row
    )
{%- endmacro %}

{#- `'name' <between> column` of each column, with a comma between. -#}
{% macro _named_columns(columns, between) -%}
    {%- for column in columns %}
        '{{ column }}'{{ between }} {{ column }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro snowflake__row_as_json(columns) -%}
    to_json(object_construct({{ _named_columns(columns, ',') }}))
{%- endmacro %}

{% macro bigquery__row_as_json(columns) -%}
    to_json_string(json_strip_nulls(to_json(struct({{ columns | join(', ') }}))))
{%- endmacro %}

{% macro databricks__row_as_json(columns) -%}
    to_json(named_struct({{ _named_columns(columns, ',') }}))
{%- endmacro %}

{#- Nulls stay in it: Redshift has no way to leave them out. -#}
{% macro redshift__row_as_json(columns) -%}
    json_serialize(object({{ _named_columns(columns, ',') }}))
{%- endmacro %}

{#- Not `json_object`, which has an order of its own: a row without an id gets one of its text. -#}
{% macro trino__row_as_json(columns) -%}
    '{' || array_join(array[
        {%- for column in columns %}
        '"{{ column }}":' || json_format(cast({{ column }} as json)){{ ',' if not loop.last }}
        {%- endfor %}
    ], ',') || '}'
{%- endmacro %}

{% macro spark__row_as_json(columns) -%}
    to_json(named_struct({{ _named_columns(columns, ',') }}))
{%- endmacro %}
