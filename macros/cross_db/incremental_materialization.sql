{#-
    dbt-bigquery's incremental materialization knows merge, insert_overwrite and microbatch only. These two macros of
    its, implemented here, let it run the strategies of this project.
-#}
{% macro dbt_bigquery_validate_get_incremental_strategy(config) %}
    {{ return(config.get('incremental_strategy') or 'merge') }}
{% endmacro %}

{% macro bq_generate_incremental_build_sql(
    strategy, tmp_relation, target_relation, sql, unique_key, partition_by, partitions, dest_columns,
    tmp_relation_exists, copy_partitions, incremental_predicates
) %}
    {%- if strategy in ['merge', 'insert_overwrite', 'microbatch'] -%}
        {{ return(dbt.bq_generate_incremental_build_sql(
            strategy, tmp_relation, target_relation, sql, unique_key, partition_by, partitions, dest_columns,
            tmp_relation_exists, copy_partitions, incremental_predicates
        )) }}
    {%- endif -%}
    {%- if not tmp_relation_exists -%}
        {#- dbt-bigquery lets it expire after twelve hours -#}
        {%- call statement('create_tmp_relation') -%}
            {{ bq_create_table_as(partition_by, true, tmp_relation, sql) }}
        {%- endcall -%}
    {%- endif -%}
    {{ return(adapter.get_incremental_strategy_macro(context, strategy)({
        'target_relation': target_relation, 'temp_relation': tmp_relation, 'unique_key': unique_key,
        'dest_columns': dest_columns, 'incremental_predicates': incremental_predicates
    })) }}
{% endmacro %}
