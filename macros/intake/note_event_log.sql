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
            mine.last_change_seq, mine.rebuild_count + 1, 0, mine.get('built_from') or ''
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
            built_from=_event_log_settings() | join(_settings_separator())
        ) }}
    {%- endif -%}
{%- endmacro %}
