{{ config(materialized='tracked_view') }}
{%- set campaign = ['as_of_step', 'app_id', 'platform', 'channel', 'campaign_id'] %}
{%- set levels = {'campaign': campaign, 'channel': campaign[:4], 'app': campaign[:3]} %}
{%- set sums = [
    'cohort_count', 'd0_users', 'cumulative_revenue', 'revenue', 'cumulative_session_count', 'session_count', 'active_days',
    'cumulative_revenue_users', 'earlier_revenue_users', 'last_d0_users', 'last_revenue'
] %}
{%- set rates = _ltv_rates() %}

with

by_step as (

    select
        {{ campaign | join(', ') }},
        day_n,
        max(max(as_of_step)) over () as newest_step,
        count(*) as cohort_count,
        {%- for column in sums[1:-3] %}
        sum({{ column }}) as {{ column }},
        {%- endfor %}
        sum(cumulative_revenue_users - revenue_users) as earlier_revenue_users
    from {{ ref('int_ltv_points') }}
    group by {{ campaign | join(', ') }}, day_n

),

offsets as (

    select cast(generated_number - 1 as bigint) as step_count
    from ({{ dbt.generate_series(4) }}) as series

),

learned as (

    -- what is known at an as-of date: what was reached in the step that ends with it, and in the three before
    select
        by_step.as_of_step + offsets.step_count as as_of_step,
        {% for key in campaign[1:] %}by_step.{{ key }}, {% endfor %}
        by_step.day_n,
        {%- for column in sums[:-2] %}
        sum(by_step.{{ column }}) as {{ column }},
        {%- endfor %}
        sum(case when offsets.step_count = 0 then by_step.d0_users else 0 end) as last_d0_users,
        sum(case when offsets.step_count = 0 then by_step.cumulative_revenue else 0 end) as last_revenue
    from by_step
    cross join offsets
    where by_step.newest_step - by_step.as_of_step - offsets.step_count between 0 and 25
    group by {{ range(1, campaign | length + 2) | join(', ') }}

),

ages as (

    {{ _ltv_age_rows() }}

),

campaigns as (

    select distinct {{ campaign | join(', ') }}
    from learned

),

dense as (

    select
        {% for key in campaign %}campaigns.{{ key }}, {% endfor %}
        ages.day_n,
        ages.day_count,
        {%- for column in sums %}
        coalesce(learned.{{ column }}, 0) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from campaigns
    cross join ages
    left join learned
        on
            {% for key in campaign %}campaigns.{{ key }} = learned.{{ key }} and {% endfor %}
            ages.day_n = learned.day_n

),

summed as (

    -- exact sums first: a sum of doubles depends on its order
    select
        {{ campaign | join(', ') }},
        day_n,
        day_count
        {%- for level, keys in levels.items() %}
        {%- for column in sums %},
        {{ as_double(column if level == 'campaign' else 'sum(' ~ column ~ ') over (partition by ' ~ keys | join(', ') ~ ', day_n)') }}
            as {{ level }}_{{ column }}
        {%- endfor %}
        {%- for column in ['revenue', 'active_days', 'earlier_revenue_users'] %},
        {{ as_double('sum(' ~ column ~ ') over (partition by ' ~ keys | join(', ') ~ ')') }}
            as {{ level }}_all_{{ column }}
        {%- endfor %}
        {%- endfor %}
    from dense

),

app_rates as (

    select
        *
        {%- for rate, (numerator, denominator, weight) in rates.items() %},
        {{ numerator.format('app') }} / nullif({{ denominator.format('app') }}, 0) as app_{{ rate }}
        {%- endfor %}
    from summed

),
{% for level, parent in [('channel', 'app'), ('campaign', 'channel')] %}
{{ level }}_rates as (

    select
        *
        {%- for rate, (numerator, denominator, weight) in rates.items() %},
        {{ _ltv_shrunk(
            numerator.format(level), denominator.format(level), weight.format(level), parent ~ '_' ~ rate
        ) }} as {{ level }}_{{ rate }}
        {%- endfor %}
    from {{ parent }}_rates

),
{% endfor %}
final as (

    select
        {{ campaign | join(', ') }},
        day_n,
        {%- for rate in rates %}
        campaign_{{ rate }} as {{ rate }},
        {%- endfor %}
        coalesce(campaign_last_revenue / nullif(campaign_last_d0_users, 0), app_last_revenue / nullif(app_last_d0_users, 0))
            as last_cohort_ltv,
        app_cumulative_revenue / nullif(app_d0_users, 0) as app_average_ltv,
        channel_d0_users,
        app_cohort_count as training_cohort_count,
        app_d0_users as training_user_count,
        app_cumulative_revenue_users as training_revenue_user_count,
        campaign_d0_users as campaign_training_user_count
    from campaign_rates

)

select * from final
