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
{%- set keyed = computed_once('keyed', keyed_sql, is_part=not marks_copies_later, is_large=not is_update) -%}
{%- set judged_columns = columns | reject('equalto', 'is_activity') | list
    + ['given_is_activity', 'is_activity', 'event_type', 'noted_columns', 'event_key'] -%}
{%- set meets_known_keys = is_update and not plan.replaces -%}
{%- set known_keys_sql -%}
select distinct logged.event_key, logged.event_at
from {{ this }} as logged
where logged.event_status = 'accepted' and logged.event_key in (select keyed.event_key from keyed)
{%- endset %}

with

keyed as {{ inline_cte() if model.plan }} (

    {{ keyed }}

),
{% if meets_known_keys %}
known_keys as (

    {{ computed_once('known_keys', known_keys_sql, {'keyed': keyed}, is_part=true) }}

),
{% endif %}
{%- if not marks_copies_later %}
contested_keys as (

    -- ids that come more than once; all other rows are accepted without a sort
    select event_key
    from keyed
    where rejection_reason is null
    group by event_key
    having count(*) > 1
    {%- if meets_known_keys %}
    union all
    select event_key
    from known_keys
    {%- endif %}

),

contenders as (

    select {{ judged_columns | join(', ') }}, 0 as is_known
    from keyed
    where event_key in (select contested_keys.event_key from contested_keys)
    {%- if meets_known_keys %}
    union all
    -- by its time, too, so that an engine can skip what it stores of other times
    select {% for column in judged_columns %}logged.{{ column }}, {% endfor %}1 as is_known
    from {{ this }} as logged
    inner join known_keys
        on logged.event_key = known_keys.event_key and logged.event_at = known_keys.event_at
    where logged.event_status = 'accepted'
    {%- endif %}

),

ranked as (

    select
        *,
        row_number() over (partition by provider, app_id, event_id order by {{ _copy_order() }}, is_known desc) as copy_number
    from contenders

),
{% endif %}
judged as (

    {% if not marks_copies_later -%}
    select
        {{ judged_columns | join(', ') }},
        case when copy_number = 1 then 'accepted' else 'duplicate' end as event_status,
        cast(null as {{ dbt.type_string() }}) as rejection_reason,
        is_known
    from ranked
    where is_known = 0 or copy_number > 1
    union all
    {% endif -%}
    select
        {{ judged_columns | join(', ') }},
        case when left_out_reason is not null then 'left_out' when rejection_reason is null then 'accepted' else 'rejected' end
            as event_status,
        rejection_reason, 0 as is_known
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

        ---------- timestamps
        event_at,
        received_at,
        loaded_at,
        installed_at
    from judged
    {%- if plan.replaces and is_update %}
    union all
    -- ids of which no row is left
    select
        gone.provider, logged.event_key, gone.event_id, logged.user_key, logged.app_id, logged.platform, logged.user_id,
        logged.device_id, logged.customer_user_id, logged.vendor_session_id, logged.campaign_id, logged.event_name,
        logged.event_kind, logged.event_type, logged.country, logged.app_version, logged.os_version, logged.device_model,
        logged.channel, logged.currency, 'gone' as event_status, logged.rejection_reason, logged.left_out_reason,
        logged.file_name, logged.unparsable_columns, logged.noted_columns, logged.raw_row, logged.revenue,
        logged.ad_revenue_usd, logged.duration_seconds, logged.is_activity, logged.given_is_activity,
        logged.is_reengagement, false as is_superseded, logged.event_at, logged.received_at, logged.loaded_at,
        logged.installed_at
    from ({{ computed_before('replaced_ids', _replaced_ids(columns, plan)) }}) as gone
    left join {{ this }} as logged
        on 1 = 0
    where not exists (select 1 from keyed where keyed.provider = gone.provider and keyed.event_id = gone.event_id)
    {%- endif %}

)

select * from final
