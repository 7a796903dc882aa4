{{ config(materialized='tracked_view') }}
{%- set app = 'partition by days.app_id' %}
with

completeness as (

    -- an app waits for the slowest of its platforms
    select
        app_id,
        min(events_complete_until) as events_complete_until,
        min(revenue_complete_until) as revenue_complete_until
    from {{ ref('int_app_completeness') }}
    group by app_id

),

days as (

    select
        app_id,
        activity_date,
        sum(session_count) as session_count,
        sum(dau) as dau,
        sum(ad_revenue) as ad_revenue
    from {{ ref('mart_daily_engagement') }}
    group by app_id, activity_date

),

final as (

    select
        days.app_id,
        cast(days.session_count as bigint) as session_count,
        cast(days.dau as bigint) as dau,
        case
            when {{ days_between('days.activity_date', 'completeness.revenue_complete_until') }} >= 0 then days.ad_revenue
        end as ad_revenue,
        {{ _forecast_weekday('days.activity_date') }} as weekday_number,
        min(days.activity_date) over ({{ app }}) as first_date,
        max(days.activity_date) over ({{ app }}) as last_date,
        days.activity_date
    from days
    inner join completeness
        on days.app_id = completeness.app_id
    where {{ days_between('days.activity_date', 'completeness.events_complete_until') }} >= 0

)

select * from final
