{#-
    dbt-spark's incremental materialization knows no strategies of a project, and keeps what it is to merge as a view,
    which each statement would compute again. Differences to dbt's own: no transaction, so no swap; a table that is
    replaced is replaced by one statement.

    Why a run that is killed between any two statements is repaired by the next: every table changes by one statement
    (`create or replace table`, `merge`), and a model's row in int_watermarks by another one, after it.
    - Killed before the table changes: the watermark says nothing new, the next run does the same work.
    - Killed between the two: the next run finds the same changes pending and rebuilds the same actors from the same
      rows. It merges what is there already, which changes no row, and then notes it.
    - int_event_log, whose changes others consume, announces them first (event_log_strategy.sql): the rows in int_changes
      and its own watermark come before the log's merge. Killed in between, changes are announced that did not come;
      whoever consumes them rebuilds what is as it was. The next run finds the same arrivals, gives them the next number
      and announces them again. A log that is built anew announces a new generation before (announce_event_log).
    - A table_if_changed that is built but not noted (record_state) is built again.
    - The table of arrivals is made anew by each run, and belongs to nobody else.
-#}
{% materialization incremental, adapter='spark' -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set arrivals = make_temp_relation(target_relation) -%}

    {{ run_hooks(pre_hooks) }}

    {%- if existing is none or existing.is_view or should_full_refresh() -%}
        {%- if existing is not none and existing.is_view -%}
            {%- do adapter.drop_relation(existing) -%}
        {%- endif -%}
        {%- call statement('main') -%}
            {{ create_table_as(false, target_relation, compiled_code) }}
        {%- endcall -%}
    {%- elif is_nothing_new() -%}
        {%- call statement('main') -%} select 1 {%- endcall -%}
    {%- else -%}
        {%- do _require(
            config.get('incremental_strategy'), model.original_file_path, "name an incremental_strategy of this project"
        ) -%}
        {%- call statement('arrivals') -%}
            {{ _spark_create_table(arrivals, compiled_code) }}
        {%- endcall -%}
        {%- set strategy = adapter.get_incremental_strategy_macro(context, config.get('incremental_strategy')) -%}
        {%- set statements = strategy({
            'target_relation': target_relation, 'temp_relation': arrivals, 'unique_key': config.get('unique_key'),
            'dest_columns': adapter.get_columns_in_relation(target_relation), 'incremental_predicates': none
        }) -%}
        {%- for sql in ([statements] if statements is string else statements) -%}
            {%- call statement('main') -%}
                {{ sql }}
            {%- endcall -%}
        {%- endfor -%}
        {%- call statement('drop_arrivals') -%}
            drop table if exists {{ arrivals }}
        {%- endcall -%}
    {%- endif -%}

    {%- for name in (config.get('meta') or {}).get('computed', []) -%}
        {%- call statement('drop_computed') -%}
            drop table if exists {{ _computed_table(name) }}
        {%- endcall -%}
    {%- endfor -%}
    {%- do persist_docs(target_relation, model) -%}
    {{ run_hooks(post_hooks) }}

    {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}

{% macro _spark_create_table(relation, sql) -%}
    create or replace table {{ relation }}
    {{ file_format_clause() }}
    as
    {{ sql }}
{%- endmacro %}

{#- Names and types of a contract, in Spark's words; dbt-spark's own compares them as YAML has them. -#}
{% macro spark__get_empty_schema_sql(columns) -%}
    {%- set translated = {} -%}
    {%- for name, column in columns.items() -%}
        {%- do translated.update({name: dict(column, data_type=column_type(column.data_type))}) -%}
    {%- endfor -%}
    {{ default__get_empty_schema_sql(translated) }}
{%- endmacro %}
