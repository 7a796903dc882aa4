{{ config(
    unique_key='user_key',
    **table_layout(keys=['user_key'])
) }}
{%- set scope = rebuild_scope() %}
{%- do stale_rows(is_touched_user('$row')) %}
{%- set last_sessions -%}
    select user_key, max(started_at) as span_started_at, max(ended_at) as span_ended_at
    from {{ ref('fct_sessions') }}
    {{ where_touched(scope) }}
    group by user_key
{%- endset -%}
{%- set ranges = span_ranges(last_sessions) if scope == 'touched' and execute else [] %}

with

sessions as (

    select
        user_key, app_id, platform, user_id, country, app_version,
        session_interval_seconds, started_at, ended_at
    from {{ ref('fct_sessions') }}
    {{ where_touched(scope) }}

),

money_events as (

    select user_key, app_id, platform, user_id, event_type, event_at
    from {{ ref('int_money_events') }}
    {{ where_touched(scope) }}

),

-- all four columns: two users with one user_key become two rows, and the key's test fails
users as (

    select
        user_key,
        app_id,
        platform,
        user_id,
        count(started_at) as session_count,
        max(started_at) as last_started_at,
        min(started_at) as first_seen_at,
        max(ended_at) as last_seen_at,
        max(case when session_interval_seconds >= {{ var('churn_days') }} * 86400 then started_at end)
            as last_comeback_at,
        min(purchased_at) as first_purchase_at,
        max(purchased_at) as last_purchase_at
    from (
        select
            user_key, app_id, platform, user_id, session_interval_seconds, started_at, ended_at,
            cast(null as {{ dbt.type_timestamp() }}) as purchased_at
        from sessions
        union all
        -- a purchase may come from the store's server, of a user who was never active
        select
            user_key, app_id, platform, user_id,
            null as session_interval_seconds,
            cast(null as {{ dbt.type_timestamp() }}) as started_at,
            cast(null as {{ dbt.type_timestamp() }}) as ended_at,
            case when event_type = 'purchase' then event_at end as purchased_at
        from money_events
    ) as known
    group by user_key, app_id, platform, user_id

),

installs as (

    select *
    from {{ ref('fct_installs') }}
    {{ where_touched(scope) }}

),

last_sessions as (

    {{ last_sessions }}

),

session_ids as (

    -- the ids that the events of a user's last session carry, and when each came last
    {% for range in ranges or [none] -%}
    select
        events.user_key,
        case when events.device_id = events.user_id then events.device_id end as device_id,
        events.customer_user_id,
        max(events.event_at) as last_at
    from {{ ref('int_events') }} as events
    inner join last_sessions
        on
            events.user_key = last_sessions.user_key
            and events.event_at >= last_sessions.span_started_at
            and events.event_at <= last_sessions.span_ended_at
    where
        events.is_activity
        {{ and_in_range('events.event_at', range, scope) }}
    group by events.user_key, events.device_id, events.user_id, events.customer_user_id
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

),

ids as (

    -- a device id that is usable is the user's id, so there is one; of customer ids, the newest, then the smallest
    select
        user_key,
        max(device_id) as device_id,
        min(case when place = 1 then customer_user_id end) as customer_user_id
    from (
        select
            *,
            row_number() over (
                partition by user_key
                order by case when customer_user_id is null then 1 else 0 end asc, last_at desc, customer_user_id asc
            ) as place
        from session_ids
    ) as placed
    group by user_key

),

reinstalls as (

    select user_key, count(*) as reinstall_count
    from installs
    where is_reinstall
    group by user_key

),

final as (

    select
        ---------- ids
        users.user_key,
        users.app_id,
        users.platform,
        users.user_id,
        ids.device_id,
        ids.customer_user_id,
        first_installs.campaign_id,

        ---------- strings
        first_installs.provider,
        first_installs.channel,
        first_installs.country as install_country,
        first_installs.app_version as install_app_version,
        last_sessions.country as last_country,
        last_sessions.app_version as last_app_version,

        ---------- numerics
        users.session_count,
        coalesce(reinstalls.reinstall_count, 0) as reinstall_count,

        ---------- booleans
        first_installs.is_install_inferred,

        ---------- dates and timestamps
        first_installs.install_date,
        first_installs.installed_at,
        users.first_seen_at,
        users.last_seen_at,
        users.last_comeback_at,
        users.first_purchase_at,
        users.last_purchase_at
    from users
    left join sessions as last_sessions
        on
            users.user_key = last_sessions.user_key
            and users.last_started_at = last_sessions.started_at
    left join installs as first_installs
        on users.user_key = first_installs.user_key and not first_installs.is_reinstall
    left join reinstalls
        on users.user_key = reinstalls.user_key
    left join ids
        on users.user_key = ids.user_key

)

select * from final
