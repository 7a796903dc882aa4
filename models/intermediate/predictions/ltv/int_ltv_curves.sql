{{ config(materialized='tracked') }}
{%- set campaign = ['as_of_step', 'app_id', 'platform', 'channel', 'campaign_id'] %}
{%- set in_order = 'partition by ' ~ campaign | join(', ') ~ ' order by day_n' %}
{%- set so_far = 'over (' ~ in_order ~ ' rows between unbounded preceding and current row)' %}
{#- in order, too: a sum of doubles depends on it -#}
{%- set fitted = 'over (' ~ in_order ~ ' rows between unbounded preceding and unbounded following)' %}

with

ages as (

    {{ _ltv_age_rows() }}

),

rates as (

    select
        rates.*,
        ages.age_number,
        case when rates.day_n > 0 and rates.active_share > 0 then ages.log_day end as x,
        case when rates.day_n > 0 and rates.active_share > 0 then ln(rates.active_share) end as y
    from {{ ref('int_ltv_rates') }} as rates
    inner join ages
        on rates.day_n = ages.day_n

),

cumulated as (

    -- a curve begins at the age before the first growth, and an age that no cohort of the app has reached ends it
    select
        *,
        {%- for growth in ['revenue_growth', 'session_growth'] %}
        case
            when
                count(case when {{ growth }} > 0 then 1 end) {{ so_far }}
                = age_number + 1 - coalesce(min(case when {{ growth }} > 0 then age_number end) {{ fitted }}, 2)
                then coalesce(sum(case when {{ growth }} > 0 then ln({{ growth }}) end) {{ so_far }}, 0)
        end as log_{{ growth }},
        {%- endfor %}
        case
            when count(revenue_per_user) {{ so_far }} = age_number then sum(revenue_per_user) {{ so_far }}
        end as total_revenue_per_user,
        max(case when channel_d0_users > 0 then day_n end) {{ fitted }} as channel_oldest_day_n,
        max(case when training_user_count > 0 then day_n end) {{ fitted }} as app_oldest_day_n
    from rates

),

grown as (

    select
        *,
        total_session_growth - coalesce(lag(total_session_growth) over ({{ in_order }}), 0) as new_sessions
    from (
        select
            *,
            -- larger than 10^15 is out of all proportion
            case when log_revenue_growth < 34 then exp(log_revenue_growth) end as total_revenue_growth,
            case when log_session_growth < 34 then exp(log_session_growth) end as total_session_growth
        from cumulated
    ) as multiplied

),

summed as (

    select
        *,
        sum(new_sessions * coalesce(revenue_per_session, 0)) {{ so_far }} as session_value,
        count(x) {{ fitted }} as n,
        sum(x) {{ fitted }} as sum_x,
        sum(y) {{ fitted }} as sum_y,
        sum(x * y) {{ fitted }} as sum_xy,
        sum(x * x) {{ fitted }} as sum_xx
    from grown

),

valued as (

    select
        *,
        (n * sum_xy - sum_x * sum_y) / nullif(n * sum_xx - sum_x * sum_x, 0) as slope,
        sum_x / nullif(n, 0) as mean_x,
        sum_y / nullif(n, 0) as mean_y
    from summed

),

powered as (

    -- the sum over days of activity * (day + 0.5) ^ slope, as an integral; it ends at twice the oldest age seen
    select
        *,
        case
            when slope between -5 and 5
                then
                    revenue_per_active_day * exp(mean_y - slope * mean_x) * power(day_n + 1, slope + 1) / nullif(slope + 1, 0)
        end as power_law_revenue
    from valued

),

final as (

    select
        {{ campaign | join(', ') }},
        day_n,
        {{ _ltv_decimal('total_revenue_growth', 12) }} as revenue_growth,
        {{ _ltv_decimal('total_revenue_per_user', 12) }} as revenue_per_user,
        {{ _ltv_decimal('total_session_growth', 12) }} as session_growth,
        case when total_session_growth is not null then {{ _ltv_decimal('session_value', 12) }} end as session_value,
        case when day_n <= 2 * app_oldest_day_n then {{ _ltv_decimal('power_law_revenue', 12) }} end as power_law_revenue,
        {{ _ltv_decimal('last_cohort_ltv', 12) }} as last_cohort_ltv,
        {{ _ltv_decimal('app_average_ltv', 12) }} as app_average_ltv,
        channel_oldest_day_n,
        {%- for column in ['training_cohort_count', 'training_user_count', 'training_revenue_user_count', 'campaign_training_user_count'] %}
        cast({{ column }} as bigint) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from powered

)

select * from final
