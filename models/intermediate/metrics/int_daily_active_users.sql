{{ config(
    materialized='tracked',
    unique_key=['app_id', 'platform', 'activity_date'],
    **table_layout(date='activity_date', keys=['app_id', 'platform'])
) }}
{%- set scope = rebuild_scope() %}
{%- set first_date = first_touched_date() if scope == 'touched' %}
{%- do stale_rows('$row.activity_date >= ' ~ first_date) %}
-- what counts on the first date that is built anew
{%- set first_counted_date = _plus_days(first_date, -29) if first_date %}
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

-- a user counts in a trailing window from each active date until the window ends or the next
-- active date takes over: one step up, one step down, and no row per day
steps as (

    {% for window, days in [('dau', 1), ('wau', 7), ('mau', 30)] -%}
    select app_id, platform, '{{ window }}' as measure, activity_date as step_date, user_count as step
    from returns
    union all
    select
        app_id, platform, '{{ window }}' as measure,
        case
            when next_activity_date < cast({{ dbt.dateadd('day', days, 'activity_date') }} as date)
                then next_activity_date
            else cast({{ dbt.dateadd('day', days, 'activity_date') }} as date)
        end as step_date,
        -user_count as step
    from returns
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

),

step_days as (

    select
        app_id,
        platform,
        step_date,
        sum(case when measure = 'dau' then step else 0 end) as dau_step,
        sum(case when measure = 'wau' then step else 0 end) as wau_step,
        sum(case when measure = 'mau' then step else 0 end) as mau_step
    from steps
    group by app_id, platform, step_date

),

spans as (

    -- from an app's first day to the last day of any, also of those that have revenue only
    select
        app_id,
        platform,
        min(first_date) as first_date,
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
        dates.date_day as activity_date
    from spans
    inner join {{ ref('dim_dates') }} as dates
        on
            spans.first_date <= dates.date_day
            and spans.last_date >= dates.date_day
    {%- if scope == 'none' %}
    where 1 = 0
    {%- elif first_date %}
    where dates.date_day >= {{ first_counted_date }}
    {%- endif %}

),

counted as (

    select
        app_days.app_id,
        app_days.platform,
        app_days.activity_date,
        sum(coalesce(step_days.dau_step, 0)) over (
            partition by app_days.app_id, app_days.platform order by app_days.activity_date
            rows between unbounded preceding and current row
        ) as dau,
        sum(coalesce(step_days.wau_step, 0)) over (
            partition by app_days.app_id, app_days.platform order by app_days.activity_date
            rows between unbounded preceding and current row
        ) as wau,
        sum(coalesce(step_days.mau_step, 0)) over (
            partition by app_days.app_id, app_days.platform order by app_days.activity_date
            rows between unbounded preceding and current row
        ) as mau
    from app_days
    left join step_days
        on
            app_days.app_id = step_days.app_id
            and app_days.platform = step_days.platform
            and app_days.activity_date = step_days.step_date

),

sums as (

    select
        app_id,
        platform,
        activity_date,
        {%- for measure in ['app_open_count', 'refund_count', 'ad_revenue_usd', 'iap_revenue_usd', 'refund_usd'] %}
        sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_user_days') }}
    where {{ counted }}
    group by app_id, platform, activity_date

),

final as (

    select
        ---------- ids
        counted.app_id,
        counted.platform,

        ---------- numerics
        cast(counted.dau as bigint) as dau,
        cast(counted.wau as bigint) as wau,
        cast(counted.mau as bigint) as mau,
        cast(coalesce(sums.app_open_count, 0) as bigint) as app_open_count,
        cast(coalesce(sums.refund_count, 0) as bigint) as refund_count,
        {{ as_decimal('coalesce(sums.ad_revenue_usd, 0)', 28, 9) }} as ad_revenue_usd,
        {{ as_decimal('coalesce(sums.iap_revenue_usd, 0)', 28, 6) }} as iap_revenue_usd,
        {{ as_decimal('coalesce(sums.refund_usd, 0)', 28, 6) }} as refund_usd,

        ---------- dates
        counted.activity_date
    from counted
    left join sums
        on
            counted.app_id = sums.app_id
            and counted.platform = sums.platform
            and counted.activity_date = sums.activity_date
    {%- if first_date %}
    where counted.activity_date >= {{ first_date }}
    {%- endif %}

)

select * from final
