-- What would another timeout change? Sessions, sessions per active user and day, and the mean time from
-- first to last event of those with more than one, had the timeout been 5, 10, 30 or 60 minutes.
{%- set timeouts = [5, 10, 30, 60] %}
with

events as (

    select user_key, event_at, event_type
    from {{ ref('int_events') }}
    where is_activity

),

user_dates as (

    select count(*) as user_date_count
    from (
        select distinct user_key, {{ local_date('event_at', 'app_id') }} as activity_date
        from events
    ) as dates

),

sessions as (

    {% for minutes in timeouts -%}
    select
        {{ minutes }} as timeout_minutes,
        {{ seconds_between('started_at', 'ended_at') }} as span_seconds
    from (
        {{ sessionize('events', timeout_seconds=60 * minutes, event_type='event_type',
            close_grace_seconds=var('close_grace_seconds')) }}
    ) as sessions_{{ minutes }}
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

)

select
    sessions.timeout_minutes,
    count(*) as session_count,
    {{ safe_divide('count(*)', 'max(user_dates.user_date_count)') }} as sessions_per_user_and_day,
    {{ safe_divide('sum(sessions.span_seconds)', 'count(case when sessions.span_seconds > 0 then 1 end)') }}
        as average_span_seconds
from sessions
cross join user_dates
group by sessions.timeout_minutes
order by sessions.timeout_minutes
