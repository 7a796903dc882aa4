{{ config(**table_layout(date='install_date', keys=['app_id', 'campaign_id'])) }}
{%- set cohort = _cohort_columns() | reject('equalto', 'is_install_inferred') | list %}
{%- set behind = [
    'training_cohort_count', 'training_user_count', 'training_revenue_user_count', 'campaign_training_user_count'
] %}

with

choices as (

    select *
    from {{ ref('int_ltv_choices') }}

),

campaigns as (

    -- spend once its feed is complete
    select app_id, platform, channel, campaign_id, campaign_date, case when is_complete then spend end as spend
    from {{ ref('mart_campaigns_daily') }}

),

judged as (

    select
        choices.*,
        campaigns.spend,
        case
            when choices.is_observed and choices.d0_users > 0 then null
            when choices.d0_users = 0 then 'no_users'
            when choices.training_cohort_count is null then 'no_recent_cohorts'
            when choices.method is null then 'horizon_beyond_observed_age'
            when coalesce(choices.channel_oldest_day_n, 0) < least(7, choices.horizon_day_n) then 'new_channel'
            when choices.training_revenue_user_count < {{ _ltv_least_users() }} then 'too_few_users'
            when choices.is_monetization_changed then 'monetization_changed'
        end as null_reason,
        {%- for side in ['lower', 'upper'] %}
        {{ as_double('choices.predicted_revenue') }}
        * (
            1 + coalesce(own.{{ side }}_error_units, pooled.{{ side }}_error_units)
            * {{ _ltv_error_unit('choices.revenue_users') }}
        ) as {{ side }}_revenue
        {{- ',' if not loop.last }}
        {%- endfor %}
    from choices
    {{ _ltv_join_intervals('choices', "'cohort'", 'scored_day_n') }}
    left join campaigns
        on
            {{ _same_cohort('choices', 'campaigns', but=['install_date', 'is_install_inferred']) }}
            and choices.install_date = campaigns.campaign_date

),

known as (

    -- nothing is said where there is a reason not to; what has been earned already is the least that will be
    select
        {% for column in cohort + behind + ['as_of_date', 'observed_day_n', 'horizon_day_n', 'd0_users', 'revenue_users',
            'observed_session_count', 'predicted_session_count', 'observed_revenue', 'spend', 'is_observed', 'null_reason'] -%}
        {{ column }},
        {%- endfor %}
        case when null_reason is null then method end as method,
        case when null_reason is null then is_extrapolated and not is_observed end as is_extrapolated,
        case when null_reason is null then predicted_revenue end as predicted_revenue,
        case
            when null_reason is not null then null
            when is_observed then predicted_revenue
            when lower_revenue > predicted_revenue then predicted_revenue
            when lower_revenue < observed_revenue and observed_revenue < predicted_revenue then observed_revenue
            else {{ _ltv_decimal('lower_revenue', 9) }}
        end as lower_revenue,
        case
            when null_reason is not null then null
            when is_observed or upper_revenue < predicted_revenue then predicted_revenue
            else {{ _ltv_decimal('upper_revenue', 9) }}
        end as upper_revenue
    from judged

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
        lower_revenue as predicted_revenue_lower,
        upper_revenue as predicted_revenue_upper,
        {{ safe_divide('observed_revenue', 'd0_users') }} as observed_ltv,
        {{ safe_divide('predicted_revenue', 'd0_users') }} as predicted_ltv,
        {{ safe_divide('lower_revenue', 'd0_users') }} as predicted_ltv_lower,
        {{ safe_divide('upper_revenue', 'd0_users') }} as predicted_ltv_upper,
        {{ safe_divide('observed_revenue', 'spend') }} as observed_roas,
        {{ safe_divide('predicted_revenue', 'spend') }} as predicted_roas,
        {{ safe_divide('lower_revenue', 'spend') }} as predicted_roas_lower,
        {{ safe_divide('upper_revenue', 'spend') }} as predicted_roas_upper,
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
