{{ config(materialized='tracked_view') }}
with

network_revenue as (

    select
        app_id,
        platform,
        revenue_date as activity_date,
        sum(revenue_usd) as ad_revenue_usd
    from {{ ref('int_ad_revenue_allocation') }}
    where allocation = 'sessions'
    group by app_id, platform, revenue_date

),

final as (

    -- what events carry, and what networks report by day and sessions share
    select
        days.app_id,
        days.platform,
        days.activity_date,
        {% set ad_revenue_usd = as_decimal(
            'days.ad_revenue_usd + coalesce(network_revenue.ad_revenue_usd, 0)', 28, 9
        ) -%}
        {{ in_reporting_currency(ad_revenue_usd, 'dates.reporting_units_per_usd') }} as ad_revenue,
        {{ in_reporting_currency('days.iap_revenue_usd', 'dates.reporting_units_per_usd') }} as iap_revenue,
        {{ in_reporting_currency('days.refund_usd', 'dates.reporting_units_per_usd') }} as refund_amount
    from {{ ref('int_daily_activity') }} as days
    inner join {{ ref('dim_dates') }} as dates
        on days.activity_date = dates.date_day
    left join network_revenue
        on
            days.app_id = network_revenue.app_id
            and days.platform = network_revenue.platform
            and days.activity_date = network_revenue.activity_date

)

select * from final
