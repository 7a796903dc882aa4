{#-
    Tables that a model makes for itself, beside its own, and drops: `<table>__scratch_<step>`. What a killed run leaves of them is
    dropped by the next run of the model, on Spark by the next run of any (unfinished_run.sql), and by maintain_tables.
-#}
{% macro _scratch_table(name) -%}{{ return(app_sessions._computed_table('scratch_' ~ name)) }}{%- endmacro %}

{% macro drop_scratch_table(relation) -%}
    {{ return(adapter.dispatch('drop_scratch_table', 'app_sessions')(relation)) }}
{%- endmacro %}

{% macro default__drop_scratch_table(relation) -%}drop table if exists {{ relation }}{%- endmacro %}

{#- Of Iceberg's, `drop` alone leaves the files for ever. -#}
{% macro spark__drop_scratch_table(relation) -%}
    drop table if exists {{ relation }} {{- ' purge' if env_var('SPARK_FORMAT', 'iceberg') == 'iceberg' }}
{%- endmacro %}

{% macro databricks__drop_scratch_table(relation) -%}{{ default__drop_scratch_table(relation) }}{%- endmacro %}

{#- Drops those that are there. -#}
{% macro drop_scratch_tables() %}
    {%- set tables = {} -%}
    {%- for node in graph.nodes.values() if node.config.get('materialized') == 'tracked' -%}
        {%- do tables.setdefault((node.database, node.schema), []).append(node.alias) -%}
    {%- endfor -%}
    {%- for (database, schema), names in tables.items() if adapter.check_schema_exists(database or target.database, schema) -%}
        {%- for name in adapter.dispatch('names_of_scratch_tables', 'app_sessions')(database, schema)
            if '__scratch_' in name and name.split('__scratch_')[0] in names -%}
            {%- do run_query(drop_scratch_table(api.Relation.create(database=database, schema=schema, identifier=name, type='table'))) -%}
        {%- endfor -%}
    {%- endfor -%}
{% endmacro %}

{% macro default__names_of_scratch_tables(database, schema) %}{{ return([]) }}{% endmacro %}

{% macro spark__names_of_scratch_tables(database, schema) %}{{ return(_names_of_scratch_tables(schema)) }}{% endmacro %}

{% macro databricks__names_of_scratch_tables(database, schema) %}
    {{ return(_names_of_scratch_tables(adapter.quote(database) ~ '.' ~ adapter.quote(schema))) }}
{% endmacro %}

{% macro _names_of_scratch_tables(schema) %}
    {{ return(run_query("show tables in " ~ schema ~ " like '*__scratch_*'").columns[1].values() | list) }}
{% endmacro %}

{% macro trino__names_of_scratch_tables(database, schema) %}
    {{ return(run_query(
        "select table_name from " ~ adapter.quote(database) ~ ".information_schema.tables where table_schema = '" ~ schema
        ~ "' and table_name like '%__scratch_%'"
    ).columns[0].values() | list) }}
{% endmacro %}
