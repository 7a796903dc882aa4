{{ config(materialized='tracked') }}
{%- set cohort = _cohort_columns() %}
{#- a number for a day N on a date, rising with both -#}
{%- set place = 'day_n * 100000 + ' ~ days_between("cast('1970-01-01' as date)", 'activity_date') %}

with

cohorts as (

    -- the key of one of its users stands for a cohort: a number in the place of six columns
    select
        {{ cohort | join(', ') }},
        min(user_key) as cohort_key
    from {{ ref('int_cohort_users') }}
    group by {{ cohort | join(', ') }}

),

cohort_keys as (

    select
        users.user_key,
        cohorts.cohort_key
    from {{ ref('int_cohort_users') }} as users
    inner join cohorts
        on {{ _same_cohort('users', 'cohorts') }}

),

user_days as (

    -- a relative day N can lie on two dates: two rows of one user, next to each other among those with activity
    select
        user_key,
        day_n,
        activity_date,
        is_active,
        session_count,
        app_open_count,
        ad_revenue_usd + network_ad_revenue_usd as ad_revenue_usd,
        iap_revenue_usd,
        lag(day_n) over (partition by user_key, is_active order by day_n) as previous_day_n,
        lead(day_n) over (partition by user_key, is_active order by day_n) as next_day_n,
        case
            when ad_revenue_usd + network_ad_revenue_usd + iap_revenue_usd > 0 then {{ place }}
        end as revenue_place,
        min(case when ad_revenue_usd + network_ad_revenue_usd + iap_revenue_usd > 0 then {{ place }} end)
            over (partition by user_key) as first_revenue_place
    from {{ ref('int_user_days') }}
    where day_n >= 0

),

activity as (

    select
        cohort_keys.cohort_key,
        days.day_n,
        count(
            case when days.is_active and (days.previous_day_n is null or days.previous_day_n < days.day_n) then 1 end
        ) as active_users,
        count(case when days.is_active and days.next_day_n is null then 1 end) as last_seen_users,
        count(
            case when days.is_active and days.day_n > 0 and coalesce(days.previous_day_n, 0) = 0 then 1 end
        ) as returned_users,
        count(case when days.revenue_place = days.first_revenue_place then 1 end) as new_revenue_users,
        cast(sum(days.session_count) as bigint) as session_count,
        cast(sum(days.app_open_count) as bigint) as app_open_count,
        sum({{ in_reporting_currency('days.ad_revenue_usd', 'dates.reporting_units_per_usd') }}) as ad_revenue,
        sum({{ in_reporting_currency('days.iap_revenue_usd', 'dates.reporting_units_per_usd') }}) as iap_revenue
    from user_days as days
    inner join {{ ref('dim_dates') }} as dates
        on days.activity_date = dates.date_day
    inner join cohort_keys
        on days.user_key = cohort_keys.user_key
    group by cohort_keys.cohort_key, days.day_n

),

final as (

    select
        {% for key in cohort %}cohorts.{{ key }}, {% endfor %}
        activity.day_n,
        activity.active_users,
        activity.last_seen_users,
        activity.returned_users,
        activity.new_revenue_users,
        activity.session_count,
        activity.app_open_count,
        activity.ad_revenue,
        activity.iap_revenue
    from activity
    inner join cohorts
        on activity.cohort_key = cohorts.cohort_key

)

select * from final
