{#-
    A view in the place of a table is what `dbt clone` makes where the engine has no clones of tables: it becomes a table of
    its rows, which this run keeps up to date as any other.
-#}
{% macro table_of_view(view) %}
    {%- do begin_writing() -%}
    {%- set table = this.incorporate(type='table') -%}
    {%- set copy = _scratch_table('copy') -%}
    {%- call statement('copy') -%}{{ create_table_as(false, copy, 'select * from ' ~ view) }}{%- endcall -%}
    {%- do adapter.drop_relation(view) -%}
    {%- do adapter.rename_relation(copy, table) -%}
    {%- do create_indexes(table) -%}
    {%- do adapter.commit() -%}
    {{ return(table) }}
{% endmacro %}
