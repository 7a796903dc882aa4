{#- The incremental strategy of int_sessions: the touched chains are replaced by what was rebuilt. -#}
{% macro get_incremental_touched_chains_sql(arg_dict) %}
    {%- set sessions = arg_dict['target_relation'] -%}
    {%- set scope = rebuild_scope() -%}
    {%- if scope == 'none' -%}
        {{ return('select 1') }}
    {%- endif -%}
    {%- set is_stale -%}
        exists (
            select 1
            from ({{ computed_before('chains', touched_chains(sessions)) }}) as touched_chains
            where
                touched_chains.user_key = $row.user_key
                and touched_chains.chain_started_at = $row.chain_started_at
        )
    {%- endset -%}
    {%- set replace = replace_rows(
        sessions, arg_dict['temp_relation'], _columns_to_write(arg_dict), ['user_key', 'started_at'],
        is_stale if scope == 'touched' else none
    ) -%}
    {%- if scope == 'all' -%}
        {{ return(replace) }}
    {%- endif -%}
    {%- set chains -%}
        select user_key, min(chain_started_at) as event_at from {{ arg_dict['temp_relation'] }} group by user_key
    {%- endset -%}
    {{ return(several_statements([note_changes(chains), replace])) }}
{% endmacro %}

{#-
    The incremental strategy of tables with one owner per row: what differs for the touched users is replaced; with
    meta.rebuilt_since only from when on something changed, by that column, a time (`_at`) or a date. With
    meta.regrouped_by, a small table whose content may change the rows of others, all rows that the model built.
-#}
{% macro get_incremental_touched_users_sql(arg_dict) %}
    {%- set table, rebuilt = arg_dict['target_relation'], arg_dict['temp_relation'] -%}
    {%- set keys = [arg_dict['unique_key']] if arg_dict['unique_key'] is string else arg_dict['unique_key'] -%}
    {%- set columns = _columns_to_write(arg_dict) -%}
    {%- set meta = config.get('meta') or {} -%}
    {%- set scope = rebuild_scope() -%}
    {%- if scope == 'none' and not _is_regrouped() -%}
        {{ return('select 1') }}
    {%- endif -%}
    {%- set is_stale -%}
        {%- if meta.regrouped_by -%}
        ($row.user_key in (select user_key from {{ pending_changes() }} as pending)
        or $row.user_key in (select user_key from {{ rebuilt }} as rebuilt))
        {%- elif meta.rebuilt_since -%}
        {{ is_touched_since('$row', meta.rebuilt_since, kind=meta.rebuilt_since.split('_')[-1]) }}
        {%- else -%}
        $row.user_key in (select user_key from {{ pending_changes() }} as pending)
        {%- endif -%}
    {%- endset -%}
    {%- set replace = replace_rows(
        table, rebuilt, columns, keys, is_stale if scope != 'all' else none, keeps_equal=true
    ) -%}
    {%- if scope == 'all' or not meta.notes_changes_since -%}
        {{ return(replace) }}
    {%- endif -%}
    {%- set differing -%}
        select differing.user_key, min(since.event_at) as event_at
        from (
            select rebuilt.user_key from {{ rebuilt }} as rebuilt
            where not exists (select 1 from {{ table }} as kept where {{ _are_equal('kept', 'rebuilt', keys, columns) }})
            union all
            select kept.user_key from {{ table }} as kept
            where
                {{ is_stale.replace('$row', 'kept') }}
                and not exists (select 1 from {{ rebuilt }} as rebuilt where {{ _are_equal('rebuilt', 'kept', keys) }})
        ) as differing
        inner join (
            {% for name, column in meta.notes_changes_since.items() -%}
            select user_key, {{ column }} as event_at from {{ ref(name) }}
            {{ 'union all ' if not loop.last }}
            {%- endfor %}
        ) as since
            on differing.user_key = since.user_key
        group by differing.user_key
    {%- endset -%}
    {{ return(several_statements([note_changes(differing), replace])) }}
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

{#- Names of the table's columns; not every adapter hands them on. -#}
{% macro _columns_to_write(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] or adapter.get_columns_in_relation(arg_dict['target_relation']) -%}
    {{ return(columns | map(attribute='name') | list) }}
{% endmacro %}

{#- The incremental strategy of tables by date, `activity_date`: what differs from the first touched date on is replaced. -#}
{% macro get_incremental_touched_dates_sql(arg_dict) %}
    {%- set scope = rebuild_scope() -%}
    {%- if scope == 'none' -%}
        {{ return('select 1') }}
    {%- endif -%}
    {{ return(replace_rows(
        arg_dict['target_relation'], arg_dict['temp_relation'], _columns_to_write(arg_dict), arg_dict['unique_key'],
        '$row.activity_date >= ' ~ first_touched_date() if scope == 'touched' else none, keeps_equal=true
    )) }}
{% endmacro %}

{#- The incremental strategy of int_install_clues: what is known of the instants that changed is replaced. -#}
{% macro get_incremental_touched_events_sql(arg_dict) %}
    {%- set scope = rebuild_scope() -%}
    {%- if scope == 'none' -%}
        {{ return('select 1') }}
    {%- endif -%}
    {{ return(replace_rows(
        arg_dict['target_relation'], arg_dict['temp_relation'], _columns_to_write(arg_dict), arg_dict['unique_key'],
        is_touched_event('$row') if scope == 'touched' else none
    )) }}
{% endmacro %}

{#- The incremental strategy of int_event_loads: the touched load dates are replaced by what was counted anew. -#}
{% macro get_incremental_touched_loads_sql(arg_dict) %}
    {%- set scope = rebuild_scope() -%}
    {%- if scope == 'none' -%}
        {{ return('select 1') }}
    {%- endif -%}
    {%- set is_stale -%}
        exists (
            select 1 from {{ touched_loads() }} as touched
            where touched.provider = $row.provider and {{ is_same('touched.load_date', '$row.load_date') }}
        )
    {%- endset -%}
    {{ return(replace_rows(
        arg_dict['target_relation'], arg_dict['temp_relation'], _columns_to_write(arg_dict), [arg_dict['unique_key']],
        is_stale if scope == 'touched' else none
    )) }}
{% endmacro %}

{#-
    What a model's rows depend on besides changes: the variables in its meta.settings, the small tables and seeds in its
    meta.contents (of a table_if_changed, what it noted) and, with meta.uses_quick_hash, the engine's hash function. A
    change of one rebuilds it.
-#}
{% macro model_definition(watermarks) %}
    {%- set meta = config.get('meta') -%}
    {%- set parts = [] -%}
    {%- for name in meta.get('settings', []) -%}
        {%- do parts.append(name ~ '=' ~ var(name)) -%}
    {%- endfor -%}
    {%- for name in meta.get('contents', []) if execute -%}
        {%- do parts.append(name ~ '=' ~ (
            watermarks[name].settings if name in watermarks and _notes_its_state(name)
            else _content_digest(_relation_of(name))
        )) -%}
    {%- endfor -%}
    {%- if meta.get('uses_quick_hash') -%}
        {%- do parts.append(quick_hash_version()) -%}
    {%- endif -%}
    {{ return(parts | join('; ')) }}
{% endmacro %}

{% macro _notes_its_state(name) %}
    {%- set node = graph.nodes.get('model.app_sessions.' ~ name) -%}
    {{ return(node and node.config.materialized == 'table_if_changed') }}
{% endmacro %}
