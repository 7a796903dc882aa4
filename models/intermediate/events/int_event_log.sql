{{ config(
    materialized='tracked',
    meta={'changed_by': 'get_incremental_event_log_sql', 'finished_by': 'mark_copies'},
    pre_hook=["{{ rekey_event_log() }}", "{{ announce_event_log() }}"],
    post_hook=["{{ record_event_log() }}", "{{ record_quick_hash() }}", "{{ refresh_statistics() }}"],
    indexes=lookup_indexes([['loaded_at'], ['event_at']]),
    **table_layout(date='event_at', keys=['loaded_at', 'user_key'])
) }}

-- depends_on: {{ ref('state_changes') }}, {{ ref('state_changed_loads') }}, {{ ref('state_models') }}
-- depends_on: {{ ref('state_files') }}, {{ ref('erased_users') }}
{%- set columns = _event_columns() -%}
{%- set plan = _event_log_plan() -%}
{%- set is_update = plan.kind in ['update', 'none'] -%}
{%- set marks_copies_later = plan.kind == 'all' and is_finished_later() -%}
{%- set keyed_sql -%}
with

staged as (

    {{ _staged_events(columns, plan) }}

),

{{ _arrived_events(columns, plan) }}

checked as (

    {{ check_events('staged' if plan.kind == 'all' else 'arrived', columns) }}

)

select
    *,
    case when rejection_reason is null then {{ quick_hash(['provider', 'app_id', 'event_id']) }} end as event_key
from checked
{%- endset %}
{#- raw rows are read and judged once; what follows reads the result -#}
{%- set keyed = computed_once('keyed', keyed_sql, is_part=not marks_copies_later) -%}
{%- set judged_columns = columns | reject('equalto', 'is_activity') | list
    + ['given_is_activity', 'is_activity', 'event_type', 'noted_columns', 'event_key'] %}

with

keyed as {{ inline_cte() if model.plan }} (

    {{ keyed }}

),
{{ _ranked_copies(keyed, keyed_sql, judged_columns, plan, is_update and not plan.replaces) if not marks_copies_later }}

judged as (

    {% if not marks_copies_later -%}
    select
        {{ judged_columns | join(', ') }},
        case when copy_number = 1 then 'accepted' else 'duplicate' end as event_status,
        cast(null as {{ dbt.type_string() }}) as rejection_reason,
        is_known{{ ', true as is_contested' if plan.kind != 'all' }}
    from ranked
    where is_known = 0 or copy_number > 1
    union all
    {% endif -%}
    select
        {{ judged_columns | join(', ') }},
        case when left_out_reason is not null then 'left_out' when rejection_reason is null then 'accepted' else 'rejected' end
            as event_status,
        rejection_reason, 0 as is_known{{ ', false as is_contested' if plan.kind != 'all' }}
    from keyed
    {%- if not marks_copies_later %}
    -- a refused row has no key, so it is here, too
    where
        not exists (
            select 1 from contested_keys
            where contested_keys.event_key = keyed.event_key
        )
    {%- endif %}

),

final as (

    select
        ---------- ids
        provider,
        event_key,
        event_id,
        -- an md5: last, so that it is made once a row
        case when event_status in ('accepted', 'duplicate') then {{ user_key('app_id', 'platform', 'user_id') }} end as user_key,
        app_id,
        platform,
        user_id,
        device_id,
        customer_user_id,
        vendor_session_id,
        campaign_id,

        ---------- strings
        event_name,
        event_kind,
        event_type,
        country,
        app_version,
        os_version,
        device_model,
        channel,
        currency,
        event_status,
        rejection_reason,
        left_out_reason,
        file_name,
        unparsable_columns,
        noted_columns,
        raw_row,

        ---------- numerics
        revenue,
        ad_revenue_usd,
        duration_seconds,

        ---------- booleans
        is_activity,
        given_is_activity,
        is_reengagement,
        {%- if is_update %}
        is_known = 1 as is_superseded,
        {%- endif %}
        {%- if plan.kind != 'all' %}
        -- one of several rows with its id
        is_contested,
        {%- endif %}

        ---------- timestamps
        event_at,
        received_at,
        loaded_at,
        installed_at
    from judged
    {{ _ids_without_rows(columns, plan) if plan.replaces and is_update }}

)

select * from final
