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
            mine.get('last_change_seq', 0), mine.get('rebuild_count', 0) + 1, 0, settings, as_is=true
        )])) }}
    {%- endif -%}
    {%- set counts = run_query(
        "select count(*), count(case when is_superseded then 1 end) from " ~ arrivals
    ).rows[0] -%}
    {%- if counts[0] | int == 0 -%}
        {%- set statements = _mark_files_read(plan) -%}
        {%- if mine.get('built_from') != settings -%}
            {%- do statements.append(_write_model_state(
                mine.get('last_change_seq', 0), mine.get('rebuild_count', 0), 0, settings, as_is=true
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
            next_seq, mine.get('rebuild_count', 0), 0, mine.get('built_from') or '', as_is=true
        )) -%}
    {%- endif -%}
    {%- do statements.extend(change_event_log(
        log, arrivals, columns, counts[1] | int > 0, plan.rejudged, plan.replaces
    )) -%}
    {%- do statements.extend(_mark_files_read(plan)) -%}
    {%- do statements.extend(_count_files_again(plan) if plan.rejudged else []) -%}
    {%- do statements.append(_write_model_state(
        next_seq, mine.get('rebuild_count', 0), 0, settings, as_is=true
    )) -%}
    {{ return(several_statements(statements)) }}
{% endmacro %}

{#- Which (user, time) and which load dates the arrivals change. Where rows are replaced, those that stay equal change nothing. -#}
{% macro _note_log_changes(log, arrivals, next_seq, replaces) %}
    {%- set compared = _event_columns() | reject('in', ['file_name', 'raw_row', 'is_activity']) | list
        + ['given_is_activity', 'is_activity', 'event_type', 'noted_columns', 'user_key'] -%}
    {%- set replaced -%}
        from {{ log }} as logged
        inner join (select distinct provider, event_id from {{ arrivals }}) as ids
            on logged.provider = ids.provider and logged.event_id = ids.event_id
    {%- endset -%}
    {%- set noted_events -%}
    insert into {{ ref('state_changes') }} (change_seq, user_key, event_at)
    {%- if replaces %}
    select distinct {{ next_seq }}, user_key, event_at
    from (
        select user_key, event_at
        from (
            select {{ compared | join(', ') }}, 1 as balance from {{ arrivals }} where event_status = 'accepted'
            union all
            select {% for column in compared %}logged.{{ column }}, {% endfor %}-1 as balance
            {{ replaced }}
            where logged.event_status = 'accepted'
        ) as both_sides
        group by {{ compared | join(', ') }}
        having sum(balance) <> 0
    ) as changed
    {%- else %}
    select distinct {{ next_seq }}, user_key, event_at
    from {{ arrivals }}
    where event_status = 'accepted' or is_superseded
    {%- endif %}
    {%- endset -%}
    {%- set noted_loads -%}
    insert into {{ ref('state_changed_loads') }} (change_seq, provider, load_date)
    select distinct {{ next_seq }}, provider, load_date
    from (
        select provider, cast(loaded_at as date) as load_date from {{ arrivals }} where event_status <> 'gone'
        {%- if replaces %}
        union all
        select logged.provider, cast(logged.loaded_at as date) as load_date
        {{ replaced }}
        {%- endif %}
    ) as loads
    {%- endset -%}
    {{ return([noted_events, noted_loads]) }}
{% endmacro %}

{#-
    Pre-hook of int_event_log where its table and its hooks are not one transaction: says that the log is built anew
    before it is, so that a run that is killed in between leaves consumers that build anew, too.
-#}
{% macro announce_event_log() -%}
    {%- if model.plan and execute and reads_files() and not flags.EMPTY -%}{%- do _check_staging_reads_new_files() -%}{%- endif -%}
    {%- if model.plan and rebuild_scope() == 'all' -%}{%- do _check_archived_files_are_kept() -%}{%- endif -%}
    {%- if not model.plan or rebuild_scope() != 'all' or has_transactions() -%}
        {{ drop_unfinished() }}
    {%- else -%}
        {%- set mine = _model_states().get(model.name, {'last_change_seq': 0, 'rebuild_count': 0}) -%}
        {{ _write_model_state(
            mine.last_change_seq, mine.rebuild_count + 1, 0, mine.get('built_from') or '', as_is=true
        ) }}
    {%- endif -%}
{%- endmacro %}

{#- Post-hook of int_event_log: a log built anew makes every consumer start anew. One of --empty has read nothing. -#}
{% macro record_event_log() -%}
    {%- if not model.plan or rebuild_scope() != 'all' or invocation_args_dict.get('empty') -%}
        {{ nothing_to_send() }}
    {%- else -%}
        {%- for statement in _forget_erased_keys(this) -%}{%- do run_query(statement) -%}{%- endfor -%}
        {%- if reads_files() -%}
        {{ _files_read_statement(none) }};
        {% endif -%}
        {%- set mine = _model_states().get(model.name, {'last_change_seq': 0, 'rebuild_count': 0}) -%}
        {{ _write_model_state(
            last_change_seq=mine.last_change_seq,
            rebuild_count=mine.rebuild_count + 1,
            upstream_rebuild_count=0,
            built_from=_event_log_settings() | join(_settings_separator()),
            as_is=true
        ) }}
    {%- endif -%}
{%- endmacro %}

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
