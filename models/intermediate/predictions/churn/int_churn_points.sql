{{ config(materialized='tracked_view') }}
{%- set user = ['user_key', 'app_id', 'platform'] %}
{%- set step_days, window_days = _churn_step_days(), _churn_window_days() %}
{%- set oldest_day = step_days * (_churn_dates() - 1) + window_days - 1 %}

with

completeness as (

    select app_id, platform, events_complete_until
    from {{ ref('int_app_completeness') }}

),

days as (

    -- on which a session starts, counted back from the last complete date
    select distinct
        {% for key in user %}user_days.{{ key }}, {% endfor %}
        completeness.events_complete_until,
        {{ days_between('user_days.activity_date', 'completeness.events_complete_until') }} as days_ago
    from {{ ref('fct_user_days') }} as user_days
    inner join completeness
        on user_days.app_id = completeness.app_id and user_days.platform = completeness.platform
    where
        user_days.session_count > 0
        and {{ days_between('user_days.activity_date', 'completeness.events_complete_until') }} between 0 and {{ oldest_day }}

),

followed as (

    select
        *,
        lead(days_ago) over (partition by user_key order by days_ago desc) as next_days_ago
    from days

),

as_of_dates as (

    select cast(generated_number - 1 as integer) as as_of_number
    from ({{ dbt.generate_series(_churn_dates()) }}) as series

),

seen as (

    -- each user as of each date, from nothing that came after it but for the day of the next session
    select
        {% for key in user %}followed.{{ key }}, {% endfor %}
        followed.events_complete_until,
        as_of_dates.as_of_number,
        followed.days_ago - {{ step_days }} * as_of_dates.as_of_number as days_before,
        {{ step_days }} * as_of_dates.as_of_number - followed.next_days_ago as next_days_after
    from followed
    cross join as_of_dates
    where
        followed.days_ago - {{ step_days }} * as_of_dates.as_of_number between 0 and {{ window_days - 1 }}

),

summed as (

    select
        {{ user | join(', ') }},
        as_of_number,
        max({{ _plus_days('events_complete_until', '-' ~ step_days ~ ' * as_of_number') }}) as as_of_date,
        count(*) as active_days,
        count(case when days_before < 28 then 1 end) as active_days_28d,
        count(case when days_before between 28 and 55 then 1 end) as earlier_active_days_28d,
        min(days_before) as days_since_last_session,
        max(days_before) as days_since_first_session,
        max(days_before) - min(days_before) as interval_days,
        min(case when next_days_after > 0 then next_days_after end) as days_to_next_session
    from seen
    group by {{ user | join(', ') }}, as_of_number

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
    from summed

)

select * from final
