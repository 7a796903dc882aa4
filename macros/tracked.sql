{#-
    The materialization of every table: what the model's SQL says, kept up to date. docs/incremental.md tells the story.

    dbt compiles a model as a full build. That text, without names of databases and white space, is its definition. The
    materialization compares it, and what the model reads, with what is noted of the last build (state_models), and
    rebuilds nothing, what is touched, or all. For a touched run it renders the model a second time, now with its plan
    (`model.plan`), by which `rebuild_scope` and the macros of changes know what they are asked.
-#}
{% materialization tracked, default %}
    {%- do one_snapshot() -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- if existing is not none and existing.is_view -%}{%- set existing = table_of_view(existing) -%}{%- endif -%}
    {%- set plan = _plan_run(existing) -%}
    {%- do model.update({'plan': plan}) -%}
    {%- do _renew_descriptions('table') -%}
    {%- if plan.scope == 'touched' -%}
        {%- do _rebuild_touched() -%}
    {%- elif plan.scope == 'all' -%}
        {%- do rebuild_all(existing) -%}
    {%- elif model.config.meta.filled_by and post_hooks -%}
        {#- a table that is filled by its hook -#}
        {{ run_hooks(post_hooks, inside_transaction=True) }}
        {%- do adapter.commit() -%}
    {%- endif -%}
    {{ return(_finished('table')) }}
{% endmaterialization %}

{#- A view that is made again only when its SQL, or the columns of what it reads, may have changed. -#}
{% materialization tracked_view, default %}
    {%- set existing = load_cached_relation(this) -%}
    {%- do model.update({'plan': _plan_view(existing)}) -%}
    {%- do _renew_descriptions('view') -%}
    {%- if model.plan.scope == 'all' -%}
        {%- do rebuild_view(existing) -%}
    {%- endif -%}
    {{ return(_finished('view')) }}
{% endmaterialization %}

{#- What a materialization gives back; dbt shows the plan's reason in the model's line. -#}
{% macro _finished(type) %}
    {%- do _remember_state() -%}
    {%- do store_raw_result(name='main', message=model.plan.reason, code=model.plan.scope, rows_affected='-1') -%}
    {{ return({'relations': [this.incorporate(type=type)]}) }}
{% endmacro %}

{#- Reference: macros/_macros.yml (rebuild_scope). -#}
{% macro rebuild_scope() %}
    {%- if not execute -%}
        {#- so that dbt makes them first -#}
        {%- do ref('state_changes') -%}
        {%- do ref('state_models') -%}
    {%- endif -%}
    {{ return(model.plan.scope if model.plan else 'all') }}
{% endmacro %}

{#- Pre-hook of folders whose models do not ask for their scope: the table of states is made first. -#}
{% macro after_state_tables() -%}
    {%- if not execute -%}{%- do ref('state_models') -%}{%- endif -%}
{%- endmacro %}

{#- Reference: macros/_macros.yml (built_after). -#}
{% macro built_after(name) -%}
    {%- if not execute -%}{%- do ref(name) -%}{%- endif -%}
{%- endmacro %}

{#- Reference: macros/_macros.yml (stale_rows). -#}
{% macro stale_rows(condition, keeps_equal=true) -%}
    {%- if model.plan -%}{%- do model.plan.update({'stale': condition, 'keeps_equal': keeps_equal}) -%}{%- endif -%}
{%- endmacro %}

{#- The model's SQL for this run, with the ephemeral models that it reads. -#}
{% macro _rendered_sql() %}
    {%- set sql = render(model.raw_code) -%}
    {%- set ctes = model.extra_ctes | map(attribute='sql') | list -%}
    {{ return('with ' ~ ctes | join(', ') ~ ' select * from (' ~ sql ~ ') as rebuilt' if ctes else sql) }}
{% endmacro %}

{% macro _rebuild_touched() %}
    {%- set plan = model.plan -%}
    {%- set table = this.incorporate(type='table') -%}
    {%- set changed_by = model.config.meta.changed_by -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- set sql = _rendered_sql() -%}
    {%- if plan.nothing_to_do -%}
        {%- do plan.update({'scope': 'none', 'reason': 'none'}) -%}
        {{ run_hooks(post_hooks, inside_transaction=True) }}
        {%- do adapter.commit() -%}
        {{ return('') }}
    {%- endif -%}
    {%- set rebuilt = make_rebuilt(sql) -%}
    {%- set columns = adapter.get_columns_in_relation(table) -%}
    {%- if changed_by -%}
        {%- set statements = context[changed_by]({
            'target_relation': table, 'temp_relation': rebuilt, 'unique_key': none, 'dest_columns': columns
        }) -%}
        {%- if statements == 'select 1' -%}
            {%- do plan.update({'scope': 'none', 'reason': 'none'}) -%}
            {%- if not nothing_to_send() -%}{%- set statements = [] -%}{%- endif -%}
        {%- endif -%}
    {%- else -%}
        {%- do plan.update({'reason': _touched_reason()}) -%}
        {%- set names = columns | map(attribute='name') | list -%}
        {%- do _count_lost_rows(table, rebuilt, names) -%}
        {%- set statements = several_statements(
            _noted_changes(table, rebuilt, names)
            + [replace_rows(
                table, rebuilt, names, _unique_key(), plan.stale.replace('$rebuilt', rebuilt | string),
                plan.get('keeps_equal', true)
            )]
            + ([] if plan.notes_content else [write_state()])
        ) -%}
    {%- endif -%}
    {%- for statement_sql in ([statements] if statements is string else statements) -%}
        {%- call statement('main') -%}{{ statement_sql }}{%- endcall -%}
    {%- endfor -%}
    {%- if plan.notes_content -%}
        {#- a digest of the rows as they are now -#}
        {%- call statement('state') -%}{{ write_state() }}{%- endcall -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {%- do drop_rebuilt(rebuilt) -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
{% endmacro %}

{% macro _unique_key() %}
    {%- set key = model.config.unique_key -%}
    {{ return([key] if key is string else key) }}
{% endmacro %}

{#- Of a table whose rows are only added (`meta.grows`): one row less, or another, counts as built anew. -#}
{% macro _count_lost_rows(table, rebuilt, columns) %}
    {%- if model.config.meta.grows -%}
        {%- set lost = run_query(
            "select count(*) from " ~ table ~ " as kept where not exists (select 1 from " ~ rebuilt ~ " as rebuilt where "
            ~ _are_equal('kept', 'rebuilt', _unique_key(), columns) ~ ")"
        ).rows[0][0] | int -%}
        {%- if lost -%}{%- do model.plan.row.update({'rebuild_count': model.plan.row.rebuild_count + 1}) -%}{%- endif -%}
    {%- endif -%}
{% endmacro %}

{#- Plain equality of the keys, never null, lets an engine join by them. -#}
{% macro _are_equal(left, right, keys, columns=[]) -%}
    {%- for key in keys -%}
        {{ left }}.{{ key }} = {{ right }}.{{ key }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
    {%- for column in columns if column | lower not in keys %}
        and {{ is_same(left ~ '.' ~ adapter.quote(column), right ~ '.' ~ adapter.quote(column)) }}
    {%- endfor -%}
{%- endmacro %}
