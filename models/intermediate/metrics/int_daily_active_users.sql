{{ config(
    materialized='tracked',
    unique_key=['app_id', 'platform', 'activity_date'],
    **table_layout(date='activity_date', keys=['app_id', 'platform'])
) }}
{%- set scope = rebuild_scope() %}
{%- set first_date = first_touched_date(last_date_of=ref('fct_user_days')) if scope == 'touched' %}
{%- do stale_rows('$row.activity_date >= ' ~ first_date) %}
{%- set windows = {'dau': 1, 'wau': 7, 'mau': 30} %}
{%- set churn_days = var('churn_days') | int %}
-- what counts on the first date that is built anew
{%- set first_counted_date = _plus_days(first_date, -([29, churn_days] | max)) if first_date %}
{%- set counted = 'activity_date >= ' ~ first_counted_date if first_date else '1 = 1' %}

with

user_days as (

    -- one row per user and date
    select
        user_key,
        app_id,
        platform,
        activity_date,
        lead(activity_date) over (partition by user_key order by activity_date) as next_activity_date
    from (
        select distinct user_key, app_id, platform, activity_date
        from {{ ref('fct_user_days') }}
        where is_active and {{ counted }}
    ) as dates

),

returns as (

    -- all that matters of a user: active on this date, and next on that
    select
        app_id,
        platform,
        activity_date,
        next_activity_date,
        count(*) as user_count
    from user_days
    group by app_id, platform, activity_date, next_activity_date

),

{{ _active_user_steps(windows, churn_days) }}

spans as (

    -- from an app's first day to the last day of any, also of those that have revenue only
    select
        app_id,
        platform,
        min(first_date) as first_date,
        min(min(first_date)) over (partition by app_id) as app_first_date,
        max(max(last_date)) over () as last_date
    from (
        select app_id, platform, min(activity_date) as first_date, max(activity_date) as last_date
        from {{ ref('fct_user_days') }}
        where {{ counted }}
        group by app_id, platform
        {%- if first_date %}
        union all
        select app_id, platform, min(activity_date) as first_date, cast(null as date) as last_date
        from {{ this }}
        where activity_date < {{ first_date }}
        group by app_id, platform
        {%- endif %}
    ) as known
    group by app_id, platform

),

app_days as (

    select
        spans.app_id,
        spans.platform,
        {{ days_between('spans.app_first_date', 'dates.date_day') }} + 1 as known_days,
        dates.date_day as activity_date
    from spans
    inner join {{ ref('dim_dates') }} as dates
        on
            spans.first_date <= dates.date_day
            and spans.last_date >= dates.date_day
    {%- if first_date %}
    where dates.date_day >= {{ first_counted_date }}
    {%- endif %}

),

counted as (

    select
        app_days.app_id,
        app_days.platform,
        app_days.activity_date,
        app_days.known_days,
        coalesce(step_days.returning_step, 0) as returning_users,
        coalesce(step_days.churned_step, 0) as churned_users,
        {%- for window in windows %}
        sum(coalesce(step_days.{{ window }}_step, 0)) over (
            partition by app_days.app_id, app_days.platform order by app_days.activity_date
            rows between unbounded preceding and current row
        ) as {{ window }}{{ ',' if not loop.last }}
        {%- endfor %}
    from app_days
    left join step_days
        on
            app_days.app_id = step_days.app_id
            and app_days.platform = step_days.platform
            and app_days.activity_date = step_days.step_date

),

final as (

    select
        ---------- ids
        app_id,
        platform,

        ---------- numerics: a window that reaches back before the app's first date is not known
        {%- for window, days in windows.items() %}
        case when known_days >= {{ days }} then cast({{ window }} as bigint) end as {{ window }},
        {%- endfor %}
        cast(returning_users as bigint) as returning_users,
        cast(churned_users as bigint) as churned_users,

        ---------- dates
        activity_date
    from counted
    {%- if first_date %}
    where activity_date >= {{ first_date }}
    {%- endif %}

)

select * from final
