{#- An operation for tables of a lake. Reference: macros/_macros.yml; docs/operations.md says when. -#}
{% macro maintain_tables(keep_days=7) %}
    {%- if not execute -%}{{ return('') }}{%- endif -%}
    {%- do _require(
        keep_days is number and keep_days is not boolean and keep_days >= 0, 'maintain_tables',
        "keep_days must be a number of days, got '" ~ keep_days ~ "'"
    ) -%}
    {%- do check_maintenance() -%}
    {%- do drop_scratch_tables() -%}
    {%- set done = [] -%}
    {%- for node in graph.nodes.values() if node.config.get('materialized') == 'tracked'
        or node.resource_type == 'seed' and node.package_name == 'app_sessions' -%}
        {%- set table = load_relation(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) -%}
        {%- if table is not none and table.is_table -%}
            {%- for statement_sql in maintain_table(table, keep_days) -%}{%- do run_query(statement_sql) -%}{%- endfor -%}
            {%- do done.append(table) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do log(done | length ~ " tables: small files joined, versions older than " ~ keep_days ~ " days forgotten", info=true) -%}
{% endmacro %}
