{{ config(materialized='tracked_view') }}
with

sessions as (

    select
        app_id,
        platform,
        activity_date,
        upper(country) as country,
        cast(sum(session_count) as bigint) as session_count,
        min(case when session_count > 0 then user_day_id end) as first_user_day_id,
        sum(ad_revenue_usd) as impression_revenue_usd
    from {{ ref('fct_user_days') }}
    where activity_date in (select revenue.revenue_date from {{ ref('fct_ad_revenue') }} as revenue)
    group by app_id, platform, activity_date, upper(country)

),

app_days as (

    select
        app_id,
        platform,
        activity_date,
        cast(sum(session_count) as bigint) as session_count,
        min(first_user_day_id) as first_user_day_id,
        sum(impression_revenue_usd) as impression_revenue_usd
    from sessions
    group by app_id, platform, activity_date

),

final as (

    -- every session of a day is worth the same; a country's revenue belongs to its sessions
    select
        revenue.ad_revenue_id,
        revenue.app_id,
        revenue.platform,
        upper(revenue.country) as country,
        case when revenue.country is null then app_days.first_user_day_id else sessions.first_user_day_id end
            as first_user_day_id,
        case
            when app_days.impression_revenue_usd > 0 then 'impression_level'
            when coalesce(sessions.session_count, 0) = 0 and revenue.country is not null
                then 'no_sessions'
            when coalesce(app_days.session_count, 0) = 0 then 'no_sessions'
            else 'sessions'
        end as allocation,
        case when revenue.country is null then app_days.session_count else sessions.session_count end
            as session_count,
        revenue.revenue_usd,
        revenue.revenue_date
    from {{ ref('fct_ad_revenue') }} as revenue
    left join app_days
        on
            revenue.app_id = app_days.app_id
            and revenue.platform = app_days.platform
            and revenue.revenue_date = app_days.activity_date
    left join sessions
        on
            revenue.app_id = sessions.app_id
            and revenue.platform = sessions.platform
            and revenue.revenue_date = sessions.activity_date
            and upper(revenue.country) = sessions.country

)

select * from final
