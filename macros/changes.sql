{#-
    Changes: a row of state_changes is (change_seq, user_key, event_at): the earliest time from which the user's data may
    differ. int_event_log notes each event that came or went, int_exchange_rates each purchase that has another price,
    int_sessions the start of the chain that an event is in, fct_installs a user's first session where the install changed.
-#}

{#-
    Subquery of (`user_key`, `event_at`) that the calling model has not consumed yet. No model notes more of them meanwhile: those
    that do are built after or before (a test looks at the graph).
-#}
{% macro pending_changes() -%}
    ({{ _kept_in_plan('pending_changes', _unconsumed_changes()) }})
{%- endmacro %}

{#- The same, a row a user: `event_at` is the earliest. Millions of events that arrive at once are of few users. -#}
{% macro pending_users() -%}
    {%- set sql -%}
    select user_key, min(event_at) as event_at
    from ({{ _unconsumed_changes() }}) as pending
    group by user_key
    {%- endset -%}
    ({{ _kept_in_plan('pending_users', sql) }})
{%- endmacro %}

{% macro _unconsumed_changes() -%}
    {%- set plan = _consuming_plan() -%}
    select user_key, event_at
    from {{ _relation_of('state_changes') if model.plan }}
    where change_seq > {{ plan.after }} and change_seq <= {{ plan.until }}
{%- endmacro %}

{#- Many statements of a touched run read these. -#}
{% macro _kept_in_plan(name, sql) -%}
    {%- set plan = _consuming_plan() -%}
    {%- if name not in plan -%}
        {%- do plan.update({name: kept_for_statements(name, sql) if plan.until > plan.after else sql}) -%}
    {%- endif -%}
    {{ return(plan[name]) }}
{%- endmacro %}

{#- A run of --empty, and dbt where it only compiles, consume nothing. -#}
{% macro _consuming_plan() -%}
    {{ return(model.plan if model.plan and 'until' in model.plan else {'after': 0, 'until': 0}) }}
{%- endmacro %}

{#- {users: how many are touched, first: text of the earliest time}; asked once a model, and told in its line. -#}
{% macro _pending() %}
    {%- set plan = model.plan -%}
    {%- if not plan or plan.scope != 'touched' or plan.until <= plan.after -%}
        {{ return({'users': 0, 'first': none}) }}
    {%- endif -%}
    {%- if not plan.pending -%}
        {%- set row = run_query(
            "select count(*), cast(min(event_at) as " ~ dbt.type_string() ~ ") from " ~ pending_users() ~ " as pending"
        ).rows[0] -%}
        {%- do plan.update({'pending': {'users': row[0] | int, 'first': row[1]}}) -%}
    {%- endif -%}
    {{ return(plan.pending) }}
{% endmacro %}

{#- "touched, 412 users since 2025-04-03" -#}
{% macro _touched_reason() %}
    {%- set pending = _pending() -%}
    {%- set parts = ['touched'] -%}
    {%- if model.plan.changed -%}{%- do parts.append(_named(model.plan.changed | sort) ~ ' changed') -%}{%- endif -%}
    {%- if pending.first -%}
        {%- do parts.append(pending.users ~ (' user' if pending.users == 1 else ' users') ~ ' since ' ~ pending.first[:10]) -%}
    {%- endif -%}
    {{ return(parts | join(', ')) }}
{% endmacro %}

{#- Condition that something of the row's user has changed. -#}
{% macro is_touched_user(row='') -%}
    {{ row ~ '.' if row }}user_key in (select user_key from {{ pending_users() }} as pending)
{%- endmacro %}

{#- The filter of a model that is rebuilt user by user. -#}
{% macro where_touched(scope) -%}
    {%- if scope == 'touched' -%}
        where {{ is_touched_user() }}
    {%- endif -%}
{%- endmacro %}

{#- Says of which users more changed than the pending changes say, for the models below. -#}
{% macro notes_changes(sql) -%}
    {%- if model.plan -%}{%- do model.plan.update({'notes': sql}) -%}{%- endif -%}
{%- endmacro %}

{#- As `notes_changes`, of the users whose rows are others than before. -#}
{% macro notes_users_that_differ(since) -%}
    {%- for name in since if not execute -%}{%- do ref(name) -%}{%- endfor -%}
    {%- if model.plan -%}{%- do model.plan.update({'notes_since': since}) -%}{%- endif -%}
{%- endmacro %}

{#- The statements that note further changes, before the table changes: earlier times of users that are touched. -#}
{% macro _noted_changes(table, rebuilt, columns) %}
    {%- set plan = model.plan -%}
    {%- if plan.notes -%}
        {{ return([_note_earlier(plan.notes.replace('$rebuilt', rebuilt | string))]) }}
    {%- elif plan.notes_prices_of -%}
        {{ return(_note_new_prices(table, rebuilt)) }}
    {%- elif not plan.notes_since -%}
        {{ return([]) }}
    {%- endif -%}
    {%- set keys = _unique_key() -%}
    {%- set differing -%}
        select differing.user_key, min(since.event_at) as event_at
        from (
            select rebuilt.user_key from {{ rebuilt }} as rebuilt
            where not exists (select 1 from {{ table }} as kept where {{ _are_equal('kept', 'rebuilt', keys, columns) }})
            union all
            select kept.user_key from {{ table }} as kept
            where
                {{ plan.stale.replace('$row', 'kept') }}
                and not exists (select 1 from {{ rebuilt }} as rebuilt where {{ _are_equal('rebuilt', 'kept', keys) }})
        ) as differing
        inner join (
            {% for name, column in plan.notes_since.items() -%}
            select user_key, {{ column }} as event_at from {{ _relation_of(name) }}
            {{ 'union all ' if not loop.last }}
            {%- endfor %}
        ) as since
            on differing.user_key = since.user_key
        group by differing.user_key
    {%- endset -%}
    {{ return([_note_earlier(differing)]) }}
{% endmacro %}

{% macro _note_earlier(changes) -%}
    insert into {{ _relation_of('state_changes') }} (change_seq, user_key, event_at)
    select {{ model.plan.until }}, noted.user_key, noted.event_at
    from ({{ changes }}) as noted
    inner join {{ touched_since() }} as touched
        on noted.user_key = touched.touched_key
    where noted.event_at < touched.touched_since
{%- endmacro %}
