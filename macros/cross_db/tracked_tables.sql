{#- How an engine makes a table or view, and the rows that are to replace others. Statements that change one table and note
    its state are one transaction; where there is none, the table comes first (docs/incremental.md, "A run that is killed"). -#}

{#- Builds all of the calling model, and notes its state. -#}
{% macro rebuild_all(existing) %}
    {{ return(adapter.dispatch('rebuild_all', 'app_sessions')(existing)) }}
{% endmacro %}

{#- The adapter's own `table`, with one hook more. -#}
{% macro default__rebuild_all(existing) %}
    {%- do post_hooks.append({'sql': '{{ app_sessions.write_state() }}', 'transaction': true}) -%}
    {%- do post_hooks.append({'sql': '{{ app_sessions.refresh_statistics() }}', 'transaction': true}) -%}
    {%- set build = context.get(
        'materialization_table_' ~ adapter.type(), context['materialization_table_default']
    ) -%}
    {%- do build() -%}
{% endmacro %}

{#-
    One statement instead of a table under another name and three renames. What is finished by a statement more
    (is_finished_later) is written, finished and renamed in a transaction each: DuckDB writes a new table a second time
    where its rows change in the same one, and cannot read its log again where rows change and the table is renamed in
    one (docs/surprises.md). A run that is killed in between has changed nothing.
-#}
{% macro duckdb__rebuild_all(existing) %}
    {%- set table = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {#- with what it has computed for itself -#}
    {%- set sql = _rendered_sql() -%}
    {#- together with the new one, since readers of a lake would find none between two commits -#}
    {%- set drops = 'drop ' ~ existing.type ~ ' if exists ' ~ existing ~ '; ' if existing else '' -%}
    {%- if is_finished_later() -%}
        {%- set unfinished = _computed_table('unfinished') -%}
        {%- call statement('main') -%}{{ create_table_as(false, unfinished, sql) }}{%- endcall -%}
        {%- do adapter.commit() -%}
        {%- call statement('finish') -%}{{ context[model.config.meta.finished_by](unfinished) }}{%- endcall -%}
        {%- do adapter.commit() -%}
        {%- call statement('rename') -%}
            {{ drops }}alter table {{ unfinished }} rename to {{ adapter.quote(table.identifier) }}
        {%- endcall -%}
    {%- else -%}
        {%- call statement('main') -%}{{ drops }}{{ create_table_as(false, table, sql) }}{%- endcall -%}
    {%- endif -%}
    {%- do drop_rebuilt(none) -%}
    {%- call statement('state') -%}{{ write_state() }}{%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do write_descriptions(table) -%}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
{% endmacro %}

{% macro databricks__rebuild_all(existing) %}{{ return(default__rebuild_all(existing)) }}{% endmacro %}

{% macro spark__rebuild_all(existing) %}{{ return(_replace_table(existing)) }}{% endmacro %}

{% macro trino__rebuild_all(existing) %}{{ return(_replace_table(existing)) }}{% endmacro %}

{#- One statement: dbt-spark drops a table before it makes the new one, and dbt-trino makes an empty one and fills it. -#}
{% macro _replace_table(existing) %}
    {%- set table = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- if existing is not none and existing.is_view -%}{%- do adapter.drop_relation(existing) -%}{%- endif -%}
    {%- set sql = _rendered_sql() -%}
    {%- call statement('main') -%}{{ adapter.dispatch('create_or_replace', 'app_sessions')(table, sql) }}{%- endcall -%}
    {%- do drop_rebuilt(none) -%}
    {%- do write_descriptions(table) -%}
    {%- do note_state() -%}
    {{ run_hooks(post_hooks) }}
{% endmacro %}

{% macro default__create_or_replace(table, sql) -%}{{ create_table_as(false, table, sql) }}{%- endmacro %}

{% macro trino__create_or_replace(table, sql) -%}
    create or replace table {{ table }} {{ properties() }} as (
        {%- if model.config.contract.enforced -%}
        {{ get_assert_columns_equivalent(sql) }}{{ get_select_subquery(sql) }}
        {%- else -%}
        {{ sql }}
        {%- endif -%}
    )
{%- endmacro %}

{#- Makes a table of what was rebuilt, for the statements that follow. -#}
{% macro make_rebuilt(sql) %}
    {{ return(adapter.dispatch('make_rebuilt', 'app_sessions')(sql)) }}
{% endmacro %}

{% macro default__make_rebuilt(sql) %}
    {%- set rebuilt = make_temp_relation(this.incorporate(type='table')) -%}
    {%- call statement('rebuilt') -%}{{ create_table_as(true, rebuilt, sql) }}{%- endcall -%}
    {{ return(rebuilt) }}
{% endmacro %}

{#- A view where the model has kept what it is made of (int_event_log): DuckDB has a temporary table uncompressed, in memory. -#}
{% macro duckdb__make_rebuilt(sql) %}
    {%- set rebuilt = _computed_temporary('rebuilt') -%}
    {%- if model.plan.has_kept_parts -%}
        {%- call statement('rebuilt') -%}create or replace temporary view {{ rebuilt }} as {{ sql }}{%- endcall -%}
    {%- else -%}
        {%- do _make_temporary(rebuilt, sql) -%}
    {%- endif -%}
    {{ return(rebuilt) }}
{% endmacro %}

{#- A temporary view would be computed again by each statement. -#}
{% macro spark__make_rebuilt(sql) %}{{ return(_make_rebuilt_table(sql)) }}{% endmacro %}

{% macro databricks__make_rebuilt(sql) %}{{ return(_make_rebuilt_table(sql)) }}{% endmacro %}

{% macro trino__make_rebuilt(sql) %}{{ return(_make_rebuilt_table(sql)) }}{% endmacro %}

{% macro _make_rebuilt_table(sql) %}
    {%- do begin_writing() -%}
    {%- set rebuilt = _scratch_table('rebuilt') -%}
    {%- call statement('rebuilt') -%}
        {{ app_sessions._create_or_replace(rebuilt) }}
        {{ sql }}
    {%- endcall -%}
    {%- do model.plan.computed.append(rebuilt) -%}
    {{ return(rebuilt) }}
{% endmacro %}

{#- Drops what a model made for itself. -#}
{% macro drop_rebuilt(rebuilt) %}
    {{ return(adapter.dispatch('drop_rebuilt', 'app_sessions')(rebuilt)) }}
{% endmacro %}

{% macro default__drop_rebuilt(rebuilt) %}
    {%- for relation in model.plan.computed -%}
        {%- call statement('drop_computed') -%}{{ drop_scratch_table(relation) }}{%- endcall -%}
    {%- endfor -%}
{% endmacro %}

{#- In one statement, outside of a transaction: what a temporary table holds is in memory. -#}
{% macro duckdb__drop_rebuilt(rebuilt) %}
    {%- set drops = [] -%}
    {%- for table in model.plan.computed -%}{%- do drops.append('drop table if exists ' ~ table) -%}{%- endfor -%}
    {%- if drops -%}{%- do run_query(drops | join('; ')) -%}{%- endif -%}
{% endmacro %}

{#- Names and types of a contract, in Spark's words; dbt-spark's own compares them as YAML has them. -#}
{% macro spark__get_empty_schema_sql(columns) -%}
    {%- set translated = {} -%}
    {%- for name, column in columns.items() -%}
        {%- do translated.update({name: dict(column, data_type=column_type(column.data_type))}) -%}
    {%- endfor -%}
    {{ default__get_empty_schema_sql(translated) }}
{%- endmacro %}
