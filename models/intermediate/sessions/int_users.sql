{{ config(
    unique_key='user_key',
    **table_layout(keys=['user_key'])
) }}
{%- set scope = rebuild_scope() %}
{%- do stale_rows(is_touched_user('$row')) %}

with

sessions as (

    select
        user_key, app_id, platform, user_id, country, app_version,
        session_interval_seconds, started_at, ended_at
    from {{ ref('fct_sessions') }}
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
        from {{ ref('int_money_events') }}
        {{ where_touched(scope) }}
    ) as known
    group by user_key, app_id, platform, user_id

),

installs as (

    select *
    from {{ ref('fct_installs') }}
    {{ where_touched(scope) }}

),

ids as (

    {{ _ids_of_last_sessions(scope, 'users') }}

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
