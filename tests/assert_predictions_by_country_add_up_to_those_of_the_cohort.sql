with

countries as (

    select
        app_id,
        platform,
        channel,
        campaign_id,
        install_date,
        horizon_day_n,
        sum(d0_users) as d0_users,
        sum(revenue_user_count) as revenue_user_count,
        sum(observed_revenue) as observed_revenue,
        sum(predicted_revenue) as predicted_revenue
    from {{ ref('mart_ltv_predictions_by_country') }}
    group by app_id, platform, channel, campaign_id, install_date, horizon_day_n

)

-- each country's revenue was rounded for itself, and large amounts are doubles on their way
select
    predictions.*,
    countries.predicted_revenue as revenue_of_countries
from {{ ref('mart_ltv_predictions') }} as predictions
left join countries
    on
        {{ _same_cohort('predictions', 'countries', but=['is_install_inferred']) }}
        and predictions.horizon_day_n = countries.horizon_day_n
where
    countries.d0_users is null
    or predictions.d0_users <> countries.d0_users
    or predictions.revenue_user_count <> countries.revenue_user_count
    or abs(predictions.observed_revenue - countries.observed_revenue) > 0.000001
    or abs(coalesce(predictions.predicted_revenue, 0) - coalesce(countries.predicted_revenue, 0))
    > greatest(0.000001, {{ as_double('coalesce(predictions.predicted_revenue, 0)') }} * 0.000000000001)
