{{ config(materialized='tracked') }}
{%- set cohort = _cohort_columns() | reject('equalto', 'is_install_inferred') | list %}
{%- set horizons = var('ltv_horizons') | unique | sort %}
{%- set revenue -%}
    {{ in_reporting_currency(
        '(days.ad_revenue_usd + days.network_ad_revenue_usd + days.iap_revenue_usd)', 'dates.reporting_units_per_usd'
    ) }}
{%- endset %}
{%- set measures = ['d0_users', 'revenue_users', 'observed_revenue'] %}

with

points as (

    -- each cohort as it is now
    select
        {{ cohort | join(', ') }},
        day_n as observed_day_n,
        max(reached_date) over () as as_of_date
    from {{ ref('int_ltv_points') }}
    where is_newest

),

users as (

    select
        users.user_key,
        users.install_country,
        {% for key in cohort %}points.{{ key }}, {% endfor %}
        points.observed_day_n,
        points.as_of_date
    from {{ ref('int_cohort_users') }} as users
    inner join points
        on {{ _same_cohort('users', 'points', but=['is_install_inferred']) }}

),

by_user as (

    -- a relative day 0 can lie on two dates
    select
        days.user_key,
        max(case when days.day_n = 0 and days.is_active then 1 else 0 end) as d0_users,
        max(
            case when days.ad_revenue_usd + days.network_ad_revenue_usd + days.iap_revenue_usd > 0 then 1 else 0 end
        ) as revenue_users,
        sum({{ revenue }}) as observed_revenue
        {%- for horizon in horizons %},
        sum(case when days.day_n <= {{ horizon }} then {{ revenue }} else 0 end) as revenue_{{ horizon }}
        {%- endfor %}
    from {{ ref('int_user_days') }} as days
    inner join users
        on days.user_key = users.user_key
    inner join {{ ref('dim_dates') }} as dates
        on days.activity_date = dates.date_day
    where days.day_n between 0 and users.observed_day_n
    group by days.user_key

),

by_country as (

    select
        {% for key in cohort %}users.{{ key }}, {% endfor %}
        users.install_country,
        min(users.observed_day_n) as observed_day_n,
        min(users.as_of_date) as as_of_date
        {%- for measure in measures %},
        sum(by_user.{{ measure }}) as {{ measure }}
        {%- endfor %}
        {%- for horizon in horizons %},
        sum(by_user.revenue_{{ horizon }}) as revenue_{{ horizon }}
        {%- endfor %}
    from users
    left join by_user
        on users.user_key = by_user.user_key
    group by {% for key in cohort %}users.{{ key }}, {% endfor %}users.install_country

),

judged as (

    -- users with revenue of the 16 weeks from which a campaign is learnt: where they are too few, a country is one of the others
    select
        *,
        sum(case when {{ days_between('install_date', 'as_of_date') }} < {{ 4 * _ltv_step_days() }} then revenue_users end)
            over (partition by {{ cohort[:-1] | join(', ') }}, install_country) as recent_revenue_users
    from by_country

),

final as (

    select
        {{ cohort | join(', ') }},
        case when recent_revenue_users >= {{ _ltv_least_users() }} then install_country else '(other)' end as install_country,
        min(observed_day_n) as observed_day_n,
        min(as_of_date) as as_of_date,
        {%- for measure in measures[:-1] %}
        cast(sum(coalesce({{ measure }}, 0)) as bigint) as {{ measure }},
        {%- endfor %}
        {{ round_decimal('sum(coalesce(observed_revenue, 0))', 28, 9) }} as observed_revenue
        {%- for horizon in horizons %},
        {{ round_decimal('sum(coalesce(revenue_' ~ horizon ~ ', 0))', 28, 9) }} as revenue_{{ horizon }}
        {%- endfor %}
    from judged
    group by
        {{ cohort | join(', ') }},
        case when recent_revenue_users >= {{ _ltv_least_users() }} then install_country else '(other)' end

)

select * from final
