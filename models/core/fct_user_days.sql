{{ config(
    materialized='incremental',
    incremental_strategy='touched_users',
    unique_key='user_day_id',
    meta={
        'upstream': 'fct_sessions',
        'rebuilt_since': 'activity_date',
        'settings': ['cohort_day_basis', 'reporting_timezone']
    },
    post_hook="{{ record_watermark() }}",
    indexes=lookup_indexes([['user_key'], ['activity_date']]),
    **table_layout(date='activity_date', keys=['user_key'])
) }}
{%- do one_snapshot() %}
{%- set scope = rebuild_scope() %}

with

sessions as (

    select candidates.*
    from {{ ref('fct_sessions') }} as candidates
    {{ where_touched_since(scope, 'candidates', 'session_date', kind='date') }}

),

installs as (

    select user_key, installed_at, install_date
    from {{ ref('fct_installs') }}
    where not is_reinstall

),

dated as (

    select
        sessions.*,
        {{ day_n('installs.installed_at', 'sessions.started_at') }} as day_n,
        row_number() over (
            partition by sessions.user_key, sessions.session_date order by sessions.started_at
        ) as session_of_day
    from sessions
    left join installs
        on sessions.user_key = installs.user_key

),

final as (

    select
        ---------- ids
        {%- set id_text %}
            cast(user_key as {{ dbt.type_string() }}) || '-' || cast(session_date as {{ dbt.type_string() }})
            || '-' || coalesce(cast(day_n as {{ dbt.type_string() }}), '')
        {%- endset %}
        {{ dbt.hash(id_text) }} as user_day_id,
        user_key,
        app_id,
        platform,

        ---------- strings
        -- of the day's first session, so that a user's day has one country
        max(day_country) as country,

        ---------- numerics
        day_n,
        count(*) as session_count,
        cast(sum(app_open_count) as bigint) as app_open_count,
        cast(sum(event_count) as bigint) as event_count,
        cast(sum(in_app_event_count) as bigint) as in_app_event_count,
        cast(sum(ad_impression_count) as bigint) as ad_impression_count,
        cast(sum(purchase_count) as bigint) as purchase_count,
        count(case when is_measured then 1 end) as measured_session_count,
        {{ as_decimal('coalesce(sum(case when is_measured then session_length_seconds end), 0)', 28, 6) }}
            as session_length_seconds,
        count(session_interval_seconds) as session_interval_count,
        {{ as_decimal('coalesce(sum(session_interval_seconds), 0)', 28, 6) }} as session_interval_seconds,
        {{ as_decimal('sum(ad_revenue_usd)', 28, 6) }} as ad_revenue_usd,
        {{ as_decimal('sum(iap_revenue_usd)', 28, 6) }} as iap_revenue_usd,

        ---------- dates and timestamps
        session_date as activity_date,
        min(started_at) as first_started_at,
        max(ended_at) as last_ended_at
    from (
        select
            *,
            max(case when session_of_day = 1 then country end) over (
                partition by user_key, session_date
            ) as day_country
        from dated
    ) as located
    group by user_key, app_id, platform, session_date, day_n

)

select * from final
{{ stored_order(['activity_date']) if scope == 'all' }}
