{#- The incremental strategy of int_event_log: changes noted, rows that go taken out, arrivals put in, files marked as read. -#}
{% macro get_incremental_event_log_sql(arg_dict) %}
    {%- set arrivals = arg_dict['temp_relation'] -%}
    {%- set log = arg_dict['target_relation'] -%}
    {%- set plan = _event_log_plan() -%}
    {%- set settings = plan.settings -%}
    {%- set mine = _model_states().get(model.name, {}) -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='name') | list -%}
    {%- if plan.kind == 'rejudge' -%}
        {{ return(several_statements(rewrite_event_log(log, arrivals, columns) + _forget_erased_keys(log) + _mark_files_read(plan)
            + _count_files_again(plan) + [_write_model_state(
            mine.get('last_change_seq', 0), mine.get('rebuild_count', 0) + 1, 0, settings
        )])) }}
    {%- endif -%}
    {%- set counts = run_query(
        "select count(*), count(case when is_superseded then 1 end) from " ~ arrivals
    ).rows[0] -%}
    {%- if counts[0] | int == 0 -%}
        {%- set statements = _mark_files_read(plan) -%}
        {%- if mine.get('built_from') != settings -%}
            {%- do statements.append(_write_model_state(
                mine.get('last_change_seq', 0), mine.get('rebuild_count', 0), 0, settings
            )) -%}
        {%- endif -%}
        {{ return(several_statements(statements) if statements else 'select 1') }}
    {%- endif -%}
    {%- set next_seq = mine.get('last_change_seq', 0) + 1 -%}
    {%- set statements = _forget_models_without_node() -%}
    {%- for consumed in [ref('state_changes'), ref('state_changed_loads')] -%}
        {#- marts and the log itself consume none -#}
        {%- do statements.append(
            "delete from " ~ consumed ~ " where change_seq <= (select coalesce(min(last_change_seq), 0) from "
            ~ ref('state_models') ~ " where upstream_rebuild_count > 0)"
        ) -%}
    {%- endfor -%}
    {%- do statements.extend(_note_log_changes(log, arrivals, next_seq, plan.replaces)) -%}
    {%- if not has_transactions() -%}
        {#- before the log changes: a run that is killed in between has announced changes that do not come, not the reverse -#}
        {%- do statements.append(_write_model_state(
            next_seq, mine.get('rebuild_count', 0), 0, mine.get('built_from') or ''
        )) -%}
    {%- endif -%}
    {%- do statements.extend(change_event_log(
        log, arrivals, columns, counts[1] | int > 0, plan.rejudged, plan.replaces
    )) -%}
    {%- do statements.extend(_mark_files_read(plan)) -%}
    {%- do statements.extend(_count_files_again(plan) if plan.rejudged else []) -%}
    {%- do statements.append(_write_model_state(
        next_seq, mine.get('rebuild_count', 0), 0, settings
    )) -%}
    {{ return(several_statements(statements)) }}
{% endmacro %}

{#- Pre-hook of int_event_log: another version of the engine may hash differently, so its keys are made again. -#}
{% macro rekey_event_log() -%}
    {%- set found = none -%}
    {%- if execute and rebuild_scope() == 'touched' -%}
        {%- set found = _model_states().get('quick_hash') -%}
    {%- endif -%}
    {%- if found is none or found.built_from == local_md5(quick_hash_version()) -%}
        {{ nothing_to_send() }}
    {%- else -%}
        update {{ this }}
        set event_key = {{ quick_hash(['provider', 'app_id', 'event_id']) }}
        where event_status in ('accepted', 'duplicate')
    {%- endif -%}
{%- endmacro %}

{% macro record_quick_hash() -%}
    {%- set is_noted = model.plan and not nothing_to_send()
        and _model_states().get('quick_hash', {}).built_from == local_md5(quick_hash_version()) -%}
    {%- if model.plan and not invocation_args_dict.get('empty') and not is_noted -%}
    {{ write_row(_relation_of('state_models'), 'model_name', {
        'model_name': "'quick_hash'", 'last_change_seq': 0, 'rebuild_count': 0, 'upstream_rebuild_count': 0,
        'built_from': "'" ~ local_md5(quick_hash_version()) ~ "'"
    }) }}
    {%- endif -%}
{%- endmacro %}
