with

observed as (

    select
        app_id,
        platform,
        channel,
        campaign_id,
        install_date,
        day_n,
        min(case when is_revenue_mature then 1 else 0 end) as is_revenue_mature,
        sum(d0_users) as d0_users,
        sum(cumulative_ad_revenue) + sum(cumulative_iap_revenue) as revenue
    from {{ ref('mart_cohorts_n_day') }}
    group by app_id, platform, channel, campaign_id, install_date, day_n

)

-- both to the last of six digits: each kind of revenue was rounded for itself
select
    predictions.*,
    observed.revenue
from {{ ref('mart_ltv_predictions') }} as predictions
inner join observed
    on
        {{ _same_cohort('predictions', 'observed', but=['is_install_inferred']) }}
        and predictions.horizon_day_n = observed.day_n
where
    predictions.d0_users > 0
    and (
        (observed.is_revenue_mature = 1) <> predictions.is_observed
        or observed.is_revenue_mature = 1 and observed.d0_users <> predictions.d0_users
        or predictions.is_observed and abs(observed.revenue - predictions.predicted_revenue) > 0.000002
    )
