{{ config(materialized='ephemeral') }}
{%- set cohort = _cohort_columns() %}

with

dates as (

    select date_day, reporting_units_per_usd
    from {{ ref('dim_dates') }}

),

user_days as (

    -- a relative day N can lie on two dates: one row per user and day N
    select
        days.user_key,
        days.day_n,
        sum(days.session_count) as session_count,
        sum(days.app_open_count) as app_open_count,
        sum(
            (days.ad_revenue_usd + days.network_ad_revenue_usd) * dates.reporting_units_per_usd
        ) as ad_revenue,
        sum(days.iap_revenue_usd * dates.reporting_units_per_usd) as iap_revenue
    from {{ ref('int_user_days') }} as days
    inner join dates
        on days.activity_date = dates.date_day
    where days.day_n >= 0
    group by days.user_key, days.day_n

),

marked as (

    select
        *,
        max(day_n) over (partition by user_key) as last_day_n,
        min(case when day_n > 0 then day_n end) over (partition by user_key) as return_day_n
    from user_days

),

final as (

    select
        {% for key in cohort %}cohort_users.{{ key }}, {% endfor %}
        marked.day_n,
        count(*) as active_users,
        count(case when marked.day_n = marked.last_day_n then 1 end) as last_seen_users,
        count(case when marked.day_n = marked.return_day_n then 1 end) as returned_users,
        cast(sum(marked.session_count) as bigint) as session_count,
        cast(sum(marked.app_open_count) as bigint) as app_open_count,
        sum(marked.ad_revenue) as ad_revenue,
        sum(marked.iap_revenue) as iap_revenue
    from marked
    inner join {{ ref('int_cohort_users') }} as cohort_users
        on marked.user_key = cohort_users.user_key
    group by {% for key in cohort %}cohort_users.{{ key }}, {% endfor %}marked.day_n

)

select * from final
