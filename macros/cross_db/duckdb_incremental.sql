{#-
    dbt-duckdb's incremental materialization, for models that have something to do. Making a temporary table of no rows
    and looking at its columns is most of what the others cost.
-#}
{% materialization incremental, adapter='duckdb' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none and existing.is_table and not should_full_refresh() and is_nothing_new() -%}
        {%- call statement('main') -%} select 1 {%- endcall -%}
        {{ return({'relations': [existing]}) }}
    {%- endif -%}
    {%- set build = dbt.materialization_incremental_duckdb -%}
    {{ return(build()) }}
{% endmaterialization %}
