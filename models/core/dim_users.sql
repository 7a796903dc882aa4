{{ config(materialized='tracked_view') }}
{%- set today = 'last_complete_date' %}
{#- Views cost nothing to keep: what depends on the day changes for every user, every day. -#}
with

completeness as (

    -- as mart_as_of has it, which is of a later layer, and for all apps at once
    select
        provider,
        {{ _timestamp(var('as_of')) if var('as_of') else 'max(last_loaded_at)' }} as newest_load_at
    from {{ ref('int_event_loads') }}
    where event_status = 'accepted'
    group by provider

),

slowest as (

    select min(newest_load_at) as newest_load_at
    from completeness

),

seen as (

    -- who was seen after the last complete day was seen on it
    select
        users.*,
        {{ last_complete_date('coalesce(completeness.newest_load_at, slowest.newest_load_at)', 'users.app_id') }}
            as last_complete_date,
        {%- for name in ['first_seen', 'last_seen', 'last_comeback'] %}
        {{ local_date('users.' ~ name ~ '_at', 'users.app_id') }} as {{ name }}_date{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_users') }} as users
    left join completeness
        on users.provider = completeness.provider
    cross join slowest

),

aged as (

    select
        seen.*,
        greatest({{ days_between('last_seen_date', today) }}, 0) as days_since_last_seen,
        {{ days_between('first_seen_date', today) }} as days_since_first_seen,
        {{ days_between('last_comeback_date', today) }} as days_since_comeback
    from seen

),

final as (

    select
        ---------- ids
        user_key,
        app_id,
        platform,
        user_id,
        device_id,
        customer_user_id,
        campaign_id,

        ---------- strings
        channel,
        install_country,
        install_app_version,
        last_country,
        last_app_version,
        case
            when session_count = 0 then null
            when days_since_last_seen >= {{ var('churn_days') }} then 'churned'
            when days_since_last_seen >= {{ var('reengagement_inactivity_days') }} then 'dormant'
            when days_since_first_seen < {{ var('churn_days') }} then 'new'
            when days_since_comeback < {{ var('churn_days') }} then 'resurrected'
            else 'returning'
        end as lifecycle_state,

        ---------- numerics
        session_count,
        reinstall_count,
        case when session_count > 0 then cast(days_since_last_seen as bigint) end as days_since_last_seen,

        ---------- booleans
        is_install_inferred,

        ---------- dates and timestamps
        install_date,
        installed_at,
        first_seen_at,
        last_seen_at,
        last_comeback_at,
        first_purchase_at,
        last_purchase_at
    from aged

)

select * from final
