{{ config(materialized='tracked_view') }}
{%- set cohort = _cohort_columns() | reject('equalto', 'is_install_inferred') | list %}
{%- set app, campaign = cohort[:2] + ['install_country'], cohort[:-1] + ['install_country'] %}

with

cohorts as (

    -- what the cohort's users of any country would have brought by now
    select
        *,
        {{ _ltv_decimal(
            as_double('d0_users') ~ ' * ' ~ as_double('sum(observed_revenue) over (partition by ' ~ cohort | join(', ') ~ ')')
            ~ ' / nullif(sum(d0_users) over (partition by ' ~ cohort | join(', ') ~ '), 0)', 9
        ) }} as expected_revenue,
        case when {{ days_between('install_date', 'as_of_date') }} < {{ 4 * _ltv_step_days() }} then 1 else 0 end as is_recent
    from {{ ref('int_ltv_country_cohorts') }}

),

learned as (

    -- exact sums first: a sum of doubles depends on its order
    select
        *
        {%- for level, keys in {'app': app, 'campaign': campaign}.items() %}
        {%- for measure in ['observed_revenue', 'expected_revenue', 'revenue_users'] %},
        {{ as_double('sum(is_recent * ' ~ measure ~ ') over (partition by ' ~ keys | join(', ') ~ ')') }} as {{ level }}_{{ measure }}
        {%- endfor %}
        {%- endfor %}
    from cohorts

),

app_values as (

    select
        *,
        {{ _ltv_shrunk('app_observed_revenue', 'app_expected_revenue', 'app_revenue_users', '1') }} as app_value
    from learned

),

campaign_values as (

    -- how much more a country's users bring than the cohort's others
    select
        *,
        {{ _ltv_shrunk('campaign_observed_revenue', 'campaign_expected_revenue', 'campaign_revenue_users', 'app_value') }}
            as relative_value
    from app_values

),

weighted as (

    select
        *,
        {{ as_decimal('d0_users * greatest(relative_value, ' ~ as_double('0.01') ~ ')', 28, 9) }} as weight
    from campaign_values

),

final as (

    select
        {% for column in cohort + ['install_country', 'observed_day_n', 'as_of_date', 'd0_users', 'revenue_users', 'observed_revenue'] -%}
        {{ column }},
        {%- endfor %}
        {%- for horizon in var('ltv_horizons') | unique %}
        revenue_{{ horizon }},
        {%- endfor %}
        cast(campaign_revenue_users as bigint) as training_revenue_user_count,
        relative_value,
        -- what is still to come of a cohort is divided among its countries
        {{ as_double('weight') }} / nullif({{ as_double('sum(weight) over (partition by ' ~ cohort | join(', ') ~ ')') }}, 0)
            as share_to_come
    from weighted

)

select * from final
