{#- The statements of the operation maintain_tables for one table of a lake. -#}
{% macro maintain_table(table, keep_days) %}
    {{ return(adapter.dispatch('maintain_table', 'app_sessions')(table, keep_days)) }}
{% endmacro %}

{% macro default__maintain_table(table, keep_days) %}{{ return([]) }}{% endmacro %}

{#- What no version has is deleted once it is three days old, the procedure's own limit: before, a statement may still be writing it. -#}
{% macro spark__maintain_table(table, keep_days) %}
    {%- if env_var('SPARK_FORMAT', 'iceberg') == 'delta' -%}{{ return(databricks__maintain_table(table, keep_days)) }}{%- endif -%}
    {%- set statements = [] -%}
    {%- for procedure, argument in [
        ('rewrite_data_files', ", options => map('min-input-files', '2')"),
        ('rewrite_manifests', ''),
        ('expire_snapshots', ", older_than => timestamp '" ~ _run_time(-keep_days) ~ "'"),
        ('remove_orphan_files', '')
    ] -%}
        {%- do statements.append(
            "call spark_catalog.system." ~ procedure ~ "(table => '" ~ table.schema ~ "." ~ table.identifier ~ "'" ~ argument ~ ")"
        ) -%}
    {%- endfor -%}
    {{ return(statements) }}
{% endmacro %}

{#- Delta Lake's. -#}
{% macro databricks__maintain_table(table, keep_days) %}
    {{ return(['optimize ' ~ table, 'vacuum ' ~ table ~ ' retain ' ~ (keep_days * 24) | round | int ~ ' hours']) }}
{% endmacro %}

{% macro trino__maintain_table(table, keep_days) %}
    {{ return([
        'alter table ' ~ table ~ ' execute optimize',
        'alter table ' ~ table ~ ' execute optimize_manifests',
        "alter table " ~ table ~ " execute expire_snapshots(retention_threshold => '" ~ keep_days ~ "d')",
        "alter table " ~ table ~ " execute remove_orphan_files(retention_threshold => '" ~ [keep_days, 3] | max ~ "d')"
    ]) }}
{% endmacro %}

{#- Stops maintain_tables where there is nothing to do, or the session cannot. -#}
{% macro check_maintenance() %}
    {{ return(adapter.dispatch('check_maintenance', 'app_sessions')()) }}
{% endmacro %}

{% macro default__check_maintenance() %}
    {%- do _require(
        false, 'maintain_tables',
        "is for tables of a lake (Spark, Databricks, Trino): " ~ adapter.type() ~ " looks after its own; of DuckLake see docs/engines.md"
    ) -%}
{% endmacro %}

{% macro spark__check_maintenance() %}
    {%- if env_var('SPARK_FORMAT', 'iceberg') == 'iceberg' -%}
        {%- do _require(
            'IcebergSparkSessionExtensions' in run_query('set spark.sql.extensions').rows[0][1], 'maintain_tables',
            "needs a session with Iceberg's SQL extensions: set SPARK_EXTENSIONS as docs/operations.md says"
        ) -%}
    {%- endif -%}
{% endmacro %}

{% macro databricks__check_maintenance() %}{% endmacro %}

{% macro trino__check_maintenance() %}{% endmacro %}
