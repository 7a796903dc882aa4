{{ config(materialized='tracked_view') }}
{%- set step_days, window_days = _churn_step_days(), _churn_window_days() %}
{%- set window_steps = window_days // step_days %}
{%- set oldest_day = step_days * (_churn_dates() - 1 + window_steps) - 1 %}
{%- set step = '(' ~ whole_divide('days_ago', step_days) ~ ')' %}
{%- set measures = ['active_days', 'active_days_28d', 'earlier_active_days_28d'] +
    ['days_since_last_session', 'days_since_first_session', 'interval_days', 'days_to_next_session'] %}
{#- how many steps before an as-of date a row of `followed` is -#}
{%- set steps_before = 'followed.step - as_of_dates.as_of_number' %}
with

completeness as (

    -- a number in the place of an app and platform
    select *, row_number() over (order by app_id, platform) as app_number
    from {{ ref('int_app_completeness') }}

),

days as (

    -- on which a session starts, counted back from the last complete date
    select distinct
        user_days.user_key,
        completeness.app_number,
        {{ days_between('user_days.activity_date', 'completeness.events_complete_until') }} as days_ago
    from {{ ref('fct_user_days') }} as user_days
    inner join completeness
        on user_days.app_id = completeness.app_id and user_days.platform = completeness.platform
    where
        user_days.session_count > 0
        and {{ days_between('user_days.activity_date', 'completeness.events_complete_until') }} between 0 and {{ oldest_day }}

),

steps as (

    -- from one as-of date back to the next one: a window is so many of these, and each of its days is counted once
    select
        user_key,
        app_number,
        {{ step }} as step,
        count(*) as active_days,
        {%- for days in [28, 56] %}
        count(case when days_ago - {{ step_days }} * {{ step }} < {{ days % step_days }} then 1 end) as active_days_of_{{ days }}d,
        {%- endfor %}
        min(days_ago) as last_days_ago,
        max(days_ago) as first_days_ago
    from days
    group by user_key, app_number, {{ step }}

),

followed as (

    select
        *,
        lead(first_days_ago) over (partition by user_key order by step desc) as next_days_ago
    from steps

),

as_of_dates as (

    select cast(generated_number - 1 as integer) as as_of_number
    from ({{ dbt.generate_series(_churn_dates()) }}) as series

),

seen as (

    -- each user as of each date, from nothing that came after it but for the day of the next session
    select
        followed.user_key,
        followed.app_number,
        followed.active_days,
        as_of_dates.as_of_number,
        {%- for days in [28, 56] %}
        case
            when {{ steps_before }} < {{ days // step_days }} then followed.active_days
            when {{ steps_before }} = {{ days // step_days }} then followed.active_days_of_{{ days }}d
            else 0
        end as active_days_{{ days }}d,
        {%- endfor %}
        followed.last_days_ago - {{ step_days }} * as_of_dates.as_of_number as last_days_before,
        followed.first_days_ago - {{ step_days }} * as_of_dates.as_of_number as first_days_before,
        {{ step_days }} * as_of_dates.as_of_number - followed.next_days_ago as next_days_after
    from followed
    cross join as_of_dates
    where {{ steps_before }} between 0 and {{ window_steps - 1 }}

),

summed as (

    select
        user_key,
        app_number,
        as_of_number,
        cast(sum(active_days) as bigint) as active_days,
        cast(sum(active_days_28d) as bigint) as active_days_28d,
        cast(sum(active_days_56d) - sum(active_days_28d) as bigint) as earlier_active_days_28d,
        min(last_days_before) as days_since_last_session,
        max(first_days_before) as days_since_first_session,
        max(first_days_before) - min(last_days_before) as interval_days,
        min(case when next_days_after > 0 then next_days_after end) as days_to_next_session
    from seen
    group by user_key, app_number, as_of_number

),

named as (

    select
        summed.user_key,
        completeness.app_id,
        completeness.platform,
        summed.as_of_number,
        {{ _plus_days('completeness.events_complete_until', '-' ~ step_days ~ ' * summed.as_of_number') }} as as_of_date,
        {{ 'summed.' ~ measures | join(', summed.') }}
    from summed
    inner join completeness on summed.app_number = completeness.app_number

),

final as (

    select
        *,
        {{ _churn_bin('days_since_last_session', range(15) | list + [18, 21, 30, 45, 60]) }} as recency_bin,
        -- of a user with one day nothing is known; ends in tenths of a day, compared without dividing
        case
            when active_days = 1 then 0
            {%- for tenths in [13, 20, 35, 70, 140, 280, 560] %}
            when 10 * interval_days <= {{ tenths }} * (active_days - 1) then {{ tenths }}
            {%- endfor %}
            else {{ 10 * window_days }}
        end as interval_bin,
        {{ _churn_bin('days_since_first_session', [0, 1, 2, 4, 7, 14, 28, 56]) }} as age_bin
        {%- for horizon, steps in _churn_horizons().items() %},
        case
            when as_of_number >= {{ steps }}
                then case when days_to_next_session <= {{ horizon }} then 0 else 1 end
        end as is_churned_{{ horizon }}d
        {%- endfor %}
    from named

)

select * from final
