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
        from (select {% for column in columns %}{{ adapter.quote(column) }}{{ ', ' if not loop.last }}{% endfor %}) as whole_row
    )
{%- endmacro %}
