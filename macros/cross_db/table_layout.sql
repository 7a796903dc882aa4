{#- Arguments of dbt's `config()` that say how the engine is to store a table. -#}
{% macro table_layout(date=none, keys=[]) -%}
    {{ return(adapter.dispatch('table_layout', 'app_sessions')(date, keys)) }}
{%- endmacro %}

{#-
    Nothing: DuckDB skips by what it notes of each 122,880 rows. dbt's config() needs an argument, so it gets no tags. Not
    `enabled`, which would win over `+enabled: false` in a user's dbt_project.yml.
-#}
{% macro default__table_layout(date, keys) -%}
    {{ return({'tags': []}) }}
{%- endmacro %}

{#- The coarse column first: Snowflake advises from few values to many. Reclustering costs credits, so it stays off. -#}
{% macro snowflake__table_layout(date, keys) -%}
    {{ return({'cluster_by': ([date] if date else []) + keys}) }}
{%- endmacro %}

{#- By month: devices with a wrong clock have events of any day since 2008, and one job may write 4,000 partitions. -#}
{% macro bigquery__table_layout(date, keys) -%}
    {%- set layout = {'cluster_by': keys[:4]} if keys else {} -%}
    {%- if date -%}
        {%- set data_type = 'timestamp' if date.endswith('_at') else 'date' -%}
        {%- do layout.update({'partition_by': {'field': date, 'data_type': data_type, 'granularity': 'month'}}) -%}
    {%- endif -%}
    {{ return(layout) }}
{%- endmacro %}

{#- Liquid clustering: no small files, and what an incremental run merges by counts as much as what reports filter by. -#}
{% macro databricks__table_layout(date, keys) -%}
    {{ return({'liquid_clustered_by': (keys + ([date] if date else []))[:4]}) }}
{%- endmacro %}

{#- Rows of one user on one node, since all joins of large tables are by user; sorted by date, for reports. -#}
{% macro redshift__table_layout(date, keys) -%}
    {%- set layout = {'dist': 'user_key' if 'user_key' in keys else 'auto'} -%}
    {%- if date or keys -%}{%- do layout.update({'sort': ([date] if date else []) + keys, 'sort_type': 'compound'}) -%}{%- endif -%}
    {{ return(layout) }}
{%- endmacro %}

{#- Iceberg's, of Trino. -#}
{% macro trino__table_layout(date, keys) -%}
    {%- set properties = {} -%}
    {%- if date -%}{%- do properties.update({'partitioning': "ARRAY['month(" ~ date ~ ")']"}) -%}{%- endif -%}
    {%- if keys -%}{%- do properties.update({'sorted_by': "ARRAY['" ~ keys | join("', '") ~ "']"}) -%}{%- endif -%}
    {{ return({'properties': properties}) }}
{%- endmacro %}

{#-
    Iceberg's, by month as on BigQuery: dates prune, and a device with a wrong clock does not make a partition a day.
    Delta has no partition of an expression.
-#}
{% macro spark__table_layout(date, keys) -%}
    {%- set is_iceberg = env_var('SPARK_FORMAT', 'iceberg') == 'iceberg' -%}
    {{ return({'partition_by': ['months(' ~ date ~ ')']} if date and is_iceberg else {'tags': []}) }}
{%- endmacro %}

{#- `order by` of a first build, where an engine skips what it stores only if neighbours are alike; else nothing. -#}
{% macro stored_order(columns) -%}
    {{ return(adapter.dispatch('stored_order', 'app_sessions')(columns)) }}
{%- endmacro %}

{% macro default__stored_order(columns) -%}{%- endmacro %}

{% macro duckdb__stored_order(columns) -%}order by {{ columns | join(', ') }}{%- endmacro %}
