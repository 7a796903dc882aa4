{{ config(**table_layout(date='install_date', keys=['app_id', 'campaign_id'])) }}
{%- set cohort = _cohort_columns() | reject('equalto', 'is_install_inferred') | list %}
{%- set behind = [
    'training_cohort_count', 'training_user_count', 'training_revenue_user_count', 'campaign_training_user_count'
] %}

with

campaigns as (

    -- spend once its feed is complete
    select app_id, platform, channel, campaign_id, campaign_date, case when is_complete then spend end as spend
    from {{ ref('mart_campaigns_daily') }}

),

predicted as (

    select choices.*, campaigns.spend
    from {{ ref('int_ltv_choices') }} as choices
    left join campaigns
        on
            {{ _same_cohort('choices', 'campaigns', but=['install_date', 'is_install_inferred']) }}
            and choices.install_date = campaigns.campaign_date

),

known as (

    {{ _with_ltv_interval('predicted') }}

),

final as (

    select
        ---------- ids
        {{ mart_key(cohort + ['horizon_day_n']) }} as ltv_prediction_id,
        app_id,
        platform,
        campaign_id,

        ---------- strings
        channel,
        {{ reporting_currency() }} as reporting_currency,
        method,
        null_reason,

        ---------- numerics
        observed_day_n,
        horizon_day_n,
        d0_users,
        revenue_users as revenue_user_count,
        {{ behind | join(', ') }},
        spend,
        observed_session_count,
        predicted_session_count,
        observed_revenue,
        predicted_revenue,
        predicted_revenue_lower,
        predicted_revenue_upper,
        {{ safe_divide('observed_revenue', 'd0_users') }} as observed_ltv,
        {{ safe_divide('predicted_revenue', 'd0_users') }} as predicted_ltv,
        {{ safe_divide('predicted_revenue_lower', 'd0_users') }} as predicted_ltv_lower,
        {{ safe_divide('predicted_revenue_upper', 'd0_users') }} as predicted_ltv_upper,
        {{ safe_divide('observed_revenue', 'spend') }} as observed_roas,
        {{ safe_divide('predicted_revenue', 'spend') }} as predicted_roas,
        {{ safe_divide('predicted_revenue_lower', 'spend') }} as predicted_roas_lower,
        {{ safe_divide('predicted_revenue_upper', 'spend') }} as predicted_roas_upper,
        {{ safe_divide('1000 * spend', 'observed_session_count') }} as observed_cpm_sessions,
        {{ safe_divide('1000 * spend', 'predicted_session_count') }} as predicted_cpm_sessions,
        -- of a cohort that has not earned its spend yet: the first horizon by which it will
        min(
            case when spend > 0 and observed_revenue < spend and predicted_revenue >= spend then horizon_day_n end
        ) over (partition by {{ cohort | join(', ') }}) as predicted_payback_day_n,

        ---------- booleans
        is_observed,
        is_extrapolated,

        ---------- dates
        install_date,
        as_of_date
    from known

)

select * from final
