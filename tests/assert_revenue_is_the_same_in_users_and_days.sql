{#- Dollars are not rounded; in another currency every row is, ad revenue to nine decimals and purchases to six. -#}
{%- set is_rounded = var('reporting_currency') | upper != 'USD' %}

with

sides as (

    select
        app_id, platform, ad_revenue, iap_revenue,
        0 as day_ad_revenue, 0 as day_iap_revenue
    from {{ ref('mart_users') }}
    union all
    select
        app_id, platform, 0 as ad_revenue, 0 as iap_revenue,
        ad_revenue as day_ad_revenue, iap_revenue as day_iap_revenue
    from {{ ref('mart_daily_engagement') }}

),

final as (

    select
        app_id,
        platform,
        count(*) as row_count,
        sum(ad_revenue) as ad_revenue_of_users,
        sum(day_ad_revenue) as ad_revenue_of_days,
        sum(iap_revenue) as iap_revenue_of_users,
        sum(day_iap_revenue) as iap_revenue_of_days
    from sides
    group by app_id, platform

)

select * from final
where
    abs(ad_revenue_of_users - ad_revenue_of_days) > {{ '0.000000001' if is_rounded else 0 }} * row_count
    or abs(iap_revenue_of_users - iap_revenue_of_days) > {{ '0.000001' if is_rounded else 0 }} * row_count
