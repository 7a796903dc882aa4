-- Does the number of users in use grow, and by whom? Per month who came new, who came back from churn
-- and who churned; `net_users` is what is left. Of complete dates.
{%- set month = 'cast(' ~ dbt.date_trunc('month', 'activity_date') ~ ' as date)' %}
with

dates as (

    select
        {{ month }} as month_start_date,
        activity_date,
        sum(dau) as dau,
        sum(new_users) as new_users,
        sum(resurrected_users) as resurrected_users,
        sum(churned_users) as churned_users
    from {{ ref('mart_daily_engagement') }}
    where is_complete
    group by activity_date

)

select
    month_start_date,
    count(*) as date_count,
    {{ safe_divide('sum(dau)', 'count(*)') }} as average_dau,
    sum(new_users) as new_users,
    sum(resurrected_users) as resurrected_users,
    sum(churned_users) as churned_users,
    sum(new_users + resurrected_users - churned_users) as net_users
from dates
group by month_start_date
order by month_start_date
