{{ config(materialized='tracked') }}
{%- set cohort = _cohort_columns() | reject('equalto', 'is_install_inferred') | list %}
{%- set methods = _ltv_methods()[:3] %}
{%- set default_method = "coalesce(defaults.method, '" ~ methods[0] ~ "')" %}
{%- set default_revenue -%}
    case {{ default_method }}
        {%- for method in methods %} when '{{ method }}' then estimates.{{ method }}_revenue{% endfor %} end
{%- endset %}
{%- set behind = [
    'training_cohort_count', 'training_user_count', 'training_revenue_user_count', 'campaign_training_user_count'
] %}

with

estimates as (

    select *
    from {{ ref('int_ltv_estimates') }}
    where is_current

),

defaults as (

    select app_id, platform, horizon_day_n, method
    from {{ ref('int_ltv_defaults') }}

),

monetization as (

    select app_id, platform, as_of_step, is_changed
    from {{ ref('int_ltv_monetization') }}

),

chosen as (

    -- beyond what cohorts have shown, only the power law says anything
    select
        estimates.*,
        coalesce(monetization.is_changed, false) as is_monetization_changed,
        estimates.horizon_day_n <= estimates.observed_day_n as is_observed,
        case
            when estimates.horizon_day_n <= estimates.observed_day_n then 'observed'
            when {{ default_revenue }} is not null then {{ default_method }}
            when estimates.power_law_revenue is not null then 'power_law'
        end as method,
        coalesce({{ default_revenue }}, estimates.power_law_revenue) as estimated_revenue,
        -- the errors of the nearest age before it
        case
            {%- for age in _ltv_scored_ages() | reverse %}
            when estimates.observed_day_n >= {{ age }} then {{ age }}
            {%- endfor %}
        end as scored_day_n
    from estimates
    left join defaults
        on
            estimates.app_id = defaults.app_id
            and estimates.platform = defaults.platform
            and estimates.horizon_day_n = defaults.horizon_day_n
    left join monetization
        on
            estimates.app_id = monetization.app_id
            and estimates.platform = monetization.platform
            and estimates.as_of_step = monetization.as_of_step

),

judged as (

    select
        *,
        -- where the method changes with the horizon, revenue still does not fall
        case
            when is_observed then actual_revenue
            when estimated_revenue is not null then max(case when not is_observed then estimated_revenue end) over (
                partition by {{ cohort | join(', ') }} order by horizon_day_n
                rows between unbounded preceding and current row
            )
        end as predicted_revenue,
        case
            when is_observed and d0_users > 0 then null
            when d0_users = 0 then 'no_users'
            when training_cohort_count is null then 'no_recent_cohorts'
            when method is null then 'horizon_beyond_observed_age'
            when coalesce(channel_oldest_day_n, 0) < least(7, horizon_day_n) then 'new_channel'
            when training_revenue_user_count < {{ _ltv_least_users() }} then 'too_few_users'
            when is_monetization_changed then 'monetization_changed'
        end as null_reason
    from chosen

),

final as (

    -- nothing is said where there is a reason not to
    select
        {% for column in cohort + behind + ['as_of_date', 'observed_day_n', 'horizon_day_n', 'd0_users', 'revenue_users',
            'observed_session_count', 'predicted_session_count', 'observed_revenue', 'is_observed', 'null_reason'] -%}
        judged.{{ column }},
        {%- endfor %}
        {%- for column in ['method', 'predicted_revenue'] %}
        case when judged.null_reason is null then judged.{{ column }} end as {{ column }},
        {%- endfor %}
        case when judged.null_reason is null then judged.is_extrapolated and not judged.is_observed end as is_extrapolated,
        {%- for side in ['lower', 'upper'] %}
        case when judged.null_reason is null then coalesce(own.{{ side }}_error_units, pooled.{{ side }}_error_units) end
            as {{ side }}_error_units{{ ',' if not loop.last }}
        {%- endfor %}
    from judged
    {{ _ltv_join_intervals('judged', "'cohort'", 'scored_day_n') }}

)

select * from final
