{#- As dbt-spark's own, which writes a blank cell as the text None, and casts each cell by itself. -#}
{% macro spark__load_csv_rows(model, agate_table) %}
    {%- set types = model['config'].get('column_types', {}) -%}
    {%- set casts = [] -%}
    {%- for name in agate_table.column_names -%}
        {%- set data_type = types.get(name, adapter.convert_type(agate_table, loop.index0)) -%}
        {%- do casts.append('cast(' ~ adapter.quote(name) ~ ' as ' ~ data_type ~ ')') -%}
    {%- endfor -%}
    {%- for rows in agate_table.rows | batch(2000) -%}
        {%- set lines = [] -%}
        {%- for row in rows -%}
            {%- set cells = [] -%}
            {%- for cell in row -%}
                {%- do cells.append(
                    'null' if cell is none else "'" ~ (cell | string).replace('\\', '\\\\').replace("'", "\\'") ~ "'"
                ) -%}
            {%- endfor -%}
            {%- do lines.append('(' ~ cells | join(', ') ~ ')') -%}
        {%- endfor -%}
        {%- set columns -%}
            {%- for name in agate_table.column_names -%}{{ adapter.quote(name) }}{{ ', ' if not loop.last }}{%- endfor -%}
        {%- endset -%}
        {%- do adapter.add_query(
            'insert into ' ~ this ~ ' select ' ~ casts | join(', ') ~ ' from values ' ~ lines | join(',\n')
            ~ ' as cells (' ~ columns ~ ')', abridge_sql_log=True
        ) -%}
    {%- endfor -%}
    {{ return('-- ' ~ agate_table.rows | length ~ ' rows') }}
{% endmacro %}
