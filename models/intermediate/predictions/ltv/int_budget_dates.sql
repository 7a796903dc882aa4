{{ config(materialized='tracked_view') }}
{%- set campaign = ['app_id', 'platform', 'channel', 'campaign_id'] %}

with

days as (

    -- up to the app's last date with complete spend
    select
        *,
        max(case when is_complete and spend is not null then campaign_date end) over (partition by app_id) as last_date
    from {{ ref('mart_campaigns_daily') }}
    where not is_organic

),

recent as (

    select *
    from days
    where
        {{ days_between('campaign_date', 'last_date') }} between 0 and {{ _budget_days() - 1 }}
        and (spend <> 0 or tracked_installs > 0)

),

horizons as (

    {{ _rows_of(var('ltv_horizons'), 'horizon_day_n') }}

),

final as (

    -- of what installs bring, only those count of which it is known
    select
        {% for key in campaign %}recent.{{ key }}, {% endfor %}
        horizons.horizon_day_n,
        recent.campaign_date,
        recent.last_date,
        recent.spend,
        recent.tracked_installs as installs,
        predictions.predicted_session_count as sessions,
        case when predictions.predicted_session_count is not null then recent.tracked_installs end as session_installs,
        predictions.predicted_revenue as revenue,
        case when predictions.predicted_revenue is not null then recent.tracked_installs end as revenue_installs,
        case when predictions.predicted_revenue is not null then predictions.revenue_user_count end as revenue_users,
        predictions.null_reason
    from recent
    cross join horizons
    left join {{ ref('mart_ltv_predictions') }} as predictions
        on
            {% for key in campaign %}recent.{{ key }} = predictions.{{ key }} and {% endfor %}
            recent.campaign_date = predictions.install_date
            and horizons.horizon_day_n = predictions.horizon_day_n

)

select * from final
