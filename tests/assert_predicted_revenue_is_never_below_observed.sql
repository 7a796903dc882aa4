with

refunded as (

    -- where a day brings less than nothing, revenue may fall
    select distinct app_id, platform
    from {{ ref('int_cohort_days') }}
    where ad_revenue + iap_revenue < 0

)

select predictions.*
from {{ ref('mart_ltv_predictions') }} as predictions
left join refunded
    on
        predictions.app_id = refunded.app_id
        and predictions.platform = refunded.platform
where
    refunded.app_id is null
    and not predictions.is_observed
    and (
        predictions.predicted_revenue < predictions.observed_revenue
        or predictions.predicted_revenue_lower < predictions.observed_revenue
    )
