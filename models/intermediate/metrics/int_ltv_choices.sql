{{ config(materialized='ephemeral') }}
{%- set cohort = _cohort_columns() | reject('equalto', 'is_install_inferred') | list %}
{%- set methods = _ltv_methods()[:3] %}
{%- set default_method = "coalesce(defaults.method, '" ~ methods[0] ~ "')" %}
{%- set default_revenue -%}
    case {{ default_method }}
        {%- for method in methods %} when '{{ method }}' then estimates.{{ method }}_revenue{% endfor %} end
{%- endset %}

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

final as (

    select
        *,
        -- where the method changes with the horizon, revenue still does not fall
        case
            when is_observed then actual_revenue
            when estimated_revenue is not null then max(case when not is_observed then estimated_revenue end) over (
                partition by {{ cohort | join(', ') }} order by horizon_day_n
                rows between unbounded preceding and current row
            )
        end as predicted_revenue
    from chosen

)

select * from final
