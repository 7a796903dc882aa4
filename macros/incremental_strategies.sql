{#- The incremental strategy of int_sessions: the touched chains are replaced by what was rebuilt. -#}
{% macro get_incremental_touched_chains_sql(arg_dict) %}
    {%- set sessions = arg_dict['target_relation'] -%}
    {%- set scope = rebuild_scope('int_event_log', int_sessions_definition()) -%}
    {%- if scope == 'none' -%}
        {{ return('select 1') }}
    {%- endif -%}
    {%- set is_stale -%}
        exists (
            select 1
            from (
                with changed as (select user_key, event_at from {{ pending_changes('int_event_log') }} as pending)
                {{ touched_chains(sessions, 'changed') }}
            ) as touched_chains
            where
                touched_chains.user_key = $row.user_key
                and touched_chains.chain_started_at = $row.chain_started_at
        )
    {%- endset -%}
    {{ return(replace_rows(
        sessions, arg_dict['temp_relation'], _columns_to_write(arg_dict), ['user_key', 'started_at'],
        is_stale if scope == 'touched' else none
    )) }}
{% endmacro %}

{#- The incremental strategy of tables with one owner per row: what differs for the touched users is replaced. -#}
{% macro get_incremental_touched_users_sql(arg_dict) %}
    {%- set keys = [arg_dict['unique_key']] if arg_dict['unique_key'] is string else arg_dict['unique_key'] -%}
    {%- set upstream = (config.get('meta') or {}).get('upstream') -%}
    {%- set scope = rebuild_scope(upstream, model_definition()) -%}
    {%- if scope == 'none' -%}
        {{ return('select 1') }}
    {%- endif -%}
    {%- set is_stale -%}
        $row.user_key in (select user_key from {{ pending_changes(upstream) }} as pending)
    {%- endset -%}
    {{ return(replace_rows(
        arg_dict['target_relation'], arg_dict['temp_relation'], _columns_to_write(arg_dict), keys,
        is_stale if scope == 'touched' else none, keeps_equal=true
    )) }}
{% endmacro %}

{#- Names of the table's columns; not every adapter hands them on. -#}
{% macro _columns_to_write(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] or adapter.get_columns_in_relation(arg_dict['target_relation']) -%}
    {{ return(columns | map(attribute='name') | list) }}
{% endmacro %}

{#- The incremental strategy of int_event_loads: the touched load dates are replaced by what was counted anew. -#}
{% macro get_incremental_touched_loads_sql(arg_dict) %}
    {%- set scope = rebuild_scope('int_event_log') -%}
    {%- if scope == 'none' -%}
        {{ return('select 1') }}
    {%- endif -%}
    {%- set is_stale -%}
        exists (
            select 1 from {{ touched_loads('int_event_log') }} as touched
            where touched.provider = $row.provider and {{ is_same('touched.load_date', '$row.load_date') }}
        )
    {%- endset -%}
    {{ return(replace_rows(
        arg_dict['target_relation'], arg_dict['temp_relation'], _columns_to_write(arg_dict), ['event_load_id'],
        is_stale if scope == 'touched' else none
    )) }}
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
