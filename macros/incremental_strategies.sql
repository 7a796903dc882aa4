{#- The incremental strategy of int_sessions: the touched chains are replaced by what was rebuilt. -#}
{% macro get_incremental_touched_chains_sql(arg_dict) %}
    {%- set sessions = arg_dict['target_relation'] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    {%- set scope = rebuild_scope('int_event_log', int_sessions_definition()) -%}
    {%- if scope == 'none' -%}
        {{ return('select 1') }}
    {%- endif -%}
    delete from {{ sessions }}
    {%- if scope == 'touched' %}
    where exists (
        select 1
        from (
            with changed as (select user_key, event_at from {{ pending_changes('int_event_log') }} as pending)
            {{ touched_chains(sessions, 'changed') }}
        ) as touched_chains
        where
            touched_chains.user_key = {{ sessions }}.user_key
            and touched_chains.chain_started_at = {{ sessions }}.chain_started_at
    )
    {%- endif %};
    insert into {{ sessions }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}

{#- The incremental strategy of tables with one owner per row: what differs for the touched users is replaced. -#}
{% macro get_incremental_touched_users_sql(arg_dict) %}
    {%- set table = arg_dict['target_relation'] -%}
    {%- set rebuilt = arg_dict['temp_relation'] -%}
    {%- set keys = [arg_dict['unique_key']] if arg_dict['unique_key'] is string else arg_dict['unique_key'] -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='name') | list -%}
    {%- set scope = rebuild_scope((config.get('meta') or {}).get('upstream'), model_definition()) -%}
    {%- if scope == 'none' -%}
        {{ return('select 1') }}
    {%- endif -%}
    delete from {{ table }}
    where
        {% if scope == 'touched' -%}
        user_key in (select user_key from {{ pending_changes((config.get('meta') or {}).get('upstream')) }} as pending)
        and {% endif -%}
        not exists (
            select 1 from {{ rebuilt }} as rebuilt
            where
                {%- for column in columns %}
                {{ 'and ' if not loop.first }}rebuilt.{{ column }}
                {{ '=' if column in keys else 'is not distinct from' }} {{ table }}.{{ column }}
                {%- endfor %}
        );
    insert into {{ table }} ({{ get_quoted_csv(columns) }})
    select {{ get_quoted_csv(columns) }} from {{ rebuilt }} as rebuilt
    where not exists (
        select 1 from {{ table }} as kept
        where
            {%- for key in keys %}
            {{ 'and ' if not loop.first }}kept.{{ key }} = rebuilt.{{ key }}
            {%- endfor %}
    )
{% endmacro %}

{#- The incremental strategy of int_event_loads: the touched load dates are replaced by what was counted anew. -#}
{% macro get_incremental_touched_loads_sql(arg_dict) %}
    {%- set loads = arg_dict['target_relation'] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    {%- set scope = rebuild_scope('int_event_log') -%}
    {%- if scope == 'none' -%}
        {{ return('select 1') }}
    {%- endif -%}
    delete from {{ loads }}
    {%- if scope == 'touched' %}
    where exists (
        select 1 from {{ touched_loads('int_event_log') }} as touched
        where
            touched.provider = {{ loads }}.provider
            and touched.load_date is not distinct from {{ loads }}.load_date
    )
    {%- endif %};
    insert into {{ loads }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }}
{% endmacro %}

{#- The variables that a model's rows depend on, from its meta.settings; a change of one rebuilds it. -#}
{% macro model_definition() %}
    {%- set parts = [] -%}
    {%- for name in (config.get('meta') or {}).get('settings', []) -%}
        {%- do parts.append(name ~ '=' ~ var(name)) -%}
    {%- endfor -%}
    {%- if (config.get('meta') or {}).get('uses_session_settings') -%}
        {%- do parts.append(session_settings() | string) -%}
    {%- endif -%}
    {{ return(parts | join('; ')) }}
{% endmacro %}
