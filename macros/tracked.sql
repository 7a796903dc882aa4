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
        {%- do begin_writing() -%}
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
        {%- do begin_writing() -%}
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

{#- What this run has to rebuild of the model that calls it. -#}
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

{#- Lets dbt build another model before the calling one, which does not read it: what it notes in `state_changes` is then there. -#}
{% macro built_after(name) -%}
    {%- if not execute -%}{%- do ref(name) -%}{%- endif -%}
{%- endmacro %}

{#- Says which rows of a model's table a touched run replaces. Stands beside the filter that rebuilds them. -#}
{% macro stale_rows(condition, keeps_equal=true) -%}
    {%- if model.plan -%}{%- do model.plan.update({'stale': condition, 'keeps_equal': keeps_equal}) -%}{%- endif -%}
{%- endmacro %}

{#- The model's SQL for this run, with the ephemeral models that it reads. -#}
{% macro _rendered_sql() %}
    {%- set sql = render(model.raw_code) -%}
    {%- set ctes = model.extra_ctes | map(attribute='sql') | list -%}
    {{ return('with ' ~ ctes | join(', ') ~ ' select * from (' ~ sql ~ ') as rebuilt' if ctes else sql) }}
{% endmacro %}
