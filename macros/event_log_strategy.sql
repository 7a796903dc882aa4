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
            mine.get('consumed_seq', 0), mine.get('generation', 0), 0, settings, is_readable=true
        )) }}
    {%- endif -%}
    {%- set rejudged = check_event_log_settings() -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}
    {%- set changes = ref('int_changes') -%}
    {%- set changed_loads = ref('int_changed_loads') -%}
    {%- set next_seq = mine.get('consumed_seq', 0) + 1 -%}

    {% for consumed in [changes, changed_loads] -%}
    delete from {{ consumed }}
    where change_seq <= (
        -- marts and the log itself consume none
        select coalesce(min(consumed_seq), 0) from {{ ref('int_watermarks') }} where upstream_generation > 0
    );

    {% endfor -%}
    insert into {{ changes }} (change_seq, user_key, event_at)
    select distinct {{ next_seq }}, user_key, event_at
    from {{ arrivals }}
    where event_status = 'accepted' or is_superseded;

    insert into {{ changed_loads }} (change_seq, provider, load_date)
    select distinct {{ next_seq }}, provider, cast(loaded_at as date)
    from {{ arrivals }};

    {% if counts[1] | int > 0 %}
    delete from {{ log }}
    where
        event_status = 'accepted'
        and exists (
            select 1 from {{ arrivals }} as arrivals
            where
                arrivals.is_superseded
                and arrivals.event_key = {{ log }}.event_key
                and arrivals.provider = {{ log }}.provider
                and arrivals.app_id = {{ log }}.app_id
                and arrivals.event_id = {{ log }}.event_id
        );
    {% endif %}

    {% if rejudged %}
    delete from {{ log }} where event_status = 'rejected' and ({{ rejudged }});
    {% endif %}

    insert into {{ log }} ({{ columns }})
    select {{ columns }} from {{ arrivals }};

    {{ _write_watermark(
        consumed_seq=next_seq,
        generation=mine.get('generation', 0),
        upstream_generation=0,
        settings=settings,
        is_readable=true
    ) }}
{% endmacro %}

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
            is_readable=true
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
    delete from {{ ref('int_watermarks') }} where model_name = 'quick_hash';
    insert into {{ ref('int_watermarks') }} (model_name, consumed_seq, generation, upstream_generation, settings)
    values ('quick_hash', 0, 0, 0, '{{ local_md5(quick_hash_version()) }}')
    {%- endif -%}
{%- endmacro %}
