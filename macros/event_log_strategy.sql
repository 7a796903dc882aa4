{#- The incremental strategy of int_event_log: changes noted, superseded copies replaced, arrivals added. -#}
{% macro get_incremental_event_log_sql(arg_dict) %}
    {%- set arrivals = arg_dict['temp_relation'] -%}
    {%- set log = arg_dict['target_relation'] -%}
    {%- set counts = run_query(
        "select count(*), count(case when is_superseded then 1 end) from " ~ arrivals
    ).rows[0] -%}
    {%- set settings = _event_log_settings() | join(_settings_separator()) -%}
    {%- set watermarks = _watermarks() -%}
    {%- set mine = watermarks.get(model.name, {}) -%}
    {%- if counts[0] | int == 0 -%}
        {%- if mine.get('settings') == settings -%}
            {{ return('select 1') }}
        {%- endif -%}
        {{ return(_write_watermark(
            mine.get('consumed_seq', 0), mine.get('generation', 0), 0, settings, as_is=true
        )) }}
    {%- endif -%}
    {%- set rejudged = check_event_log_settings() -%}
    {%- set changes = ref('int_changes') -%}
    {%- set changed_loads = ref('int_changed_loads') -%}
    {%- set next_seq = mine.get('consumed_seq', 0) + 1 -%}
    {%- set statements = [] -%}
    {%- for consumed in [changes, changed_loads] -%}
        {#- marts and the log itself consume none -#}
        {%- do statements.append(
            "delete from " ~ consumed ~ " where change_seq <= (select coalesce(min(consumed_seq), 0) from "
            ~ ref('int_watermarks') ~ " where upstream_generation > 0)"
        ) -%}
    {%- endfor -%}
    {%- set noted_events -%}
    insert into {{ changes }} (change_seq, user_key, event_at)
    select distinct {{ next_seq }}, user_key, event_at
    from {{ arrivals }}
    where event_status = 'accepted' or is_superseded
    {%- endset -%}
    {%- set noted_loads -%}
    insert into {{ changed_loads }} (change_seq, provider, load_date)
    select distinct {{ next_seq }}, provider, cast(loaded_at as date)
    from {{ arrivals }}
    {%- endset -%}
    {%- do statements.extend([noted_events, noted_loads]) -%}
    {%- if not has_transactions() -%}
        {#- before the log changes: a run that is killed in between has announced changes that do not come, not the reverse -#}
        {%- do statements.append(_write_watermark(
            next_seq, mine.get('generation', 0), 0, mine.get('settings') or '', as_is=true
        )) -%}
    {%- endif -%}
    {%- do statements.extend(change_event_log(
        log, arrivals, _columns_to_write(arg_dict), counts[1] | int > 0, rejudged
    )) -%}
    {%- do statements.append(_write_watermark(
        next_seq, mine.get('generation', 0), 0, settings, as_is=true
    )) -%}
    {{ return(several_statements(statements)) }}
{% endmacro %}

{#-
    Pre-hook of int_event_log where its table and its hooks are not one transaction: says that the log is built anew
    before it is, so that a run that is killed in between leaves consumers that build anew, too.
-#}
{% macro announce_event_log() -%}
    {%- if not execute or is_incremental() or has_transactions() -%}
        select 1
    {%- else -%}
        {%- set mine = _watermarks().get(model.name, {'consumed_seq': 0, 'generation': 0}) -%}
        {{ _write_watermark(
            mine.consumed_seq, mine.generation + 1, 0, mine.get('settings') or '', as_is=true
        ) }}
    {%- endif -%}
{%- endmacro %}

{#- Post-hook of int_event_log: a log built anew makes every consumer start anew. -#}
{% macro record_event_log() -%}
    {%- if not execute or is_incremental() -%}
        select 1
    {%- else -%}
        {%- set mine = _watermarks().get(model.name, {'consumed_seq': 0, 'generation': 0}) -%}
        {{ _write_watermark(
            consumed_seq=mine.consumed_seq,
            generation=mine.generation + 1,
            upstream_generation=0,
            settings=_event_log_settings() | join(_settings_separator()),
            as_is=true
        ) }}
    {%- endif -%}
{%- endmacro %}

{#- Pre-hook of int_event_log: another version of the engine may hash differently, so its keys are made again. -#}
{% macro rekey_event_log() -%}
    {%- set found = none -%}
    {%- if execute and is_incremental() -%}
        {%- set found = _watermarks().get('quick_hash') -%}
    {%- endif -%}
    {%- if found is none or found.settings == local_md5(quick_hash_version()) -%}
        select 1
    {%- else -%}
        update {{ this }}
        set event_key = {{ quick_hash(['provider', 'app_id', 'event_id']) }}
        where event_status <> 'rejected'
    {%- endif -%}
{%- endmacro %}

{% macro record_quick_hash() -%}
    {%- if execute -%}
    {{ write_row(ref('int_watermarks'), 'model_name', {
        'model_name': "'quick_hash'", 'consumed_seq': 0, 'generation': 0, 'upstream_generation': 0,
        'settings': "'" ~ local_md5(quick_hash_version()) ~ "'"
    }) }}
    {%- endif -%}
{%- endmacro %}
