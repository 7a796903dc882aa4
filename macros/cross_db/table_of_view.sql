{#-
    A view in the place of a table is what `dbt clone` makes where the engine has no clones of tables: it becomes a table of
    its rows, which this run keeps up to date as any other.
-#}
{% macro table_of_view(view) %}
    {%- set table = this.incorporate(type='table') -%}
    {%- set copy = make_temp_relation(table) -%}
    {%- call statement('copy') -%}{{ create_table_as(true, copy, 'select * from ' ~ view) }}{%- endcall -%}
    {%- do adapter.drop_relation(view) -%}
    {%- call statement('table') -%}{{ create_table_as(false, table, 'select * from ' ~ copy) }}{%- endcall -%}
    {%- do create_indexes(table) -%}
    {%- do adapter.drop_relation(copy) -%}
    {%- do adapter.commit() -%}
    {{ return(table) }}
{% endmacro %}
