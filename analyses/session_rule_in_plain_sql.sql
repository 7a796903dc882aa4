-- What a session is: read this first. `sessionize` is the fast form of it, and
-- tests/python/test_analyses.py proves that its sessions are those of fct_sessions.
{%- set settings = session_settings() -%}
{%- set by_time = '(partition by user_key order by event_at)' -%}
{%- set earlier_in_chain = '(partition by user_key, chain order by event_at rows between unbounded preceding and 1 preceding)' %}

with

-- events at one instant have no order: an instant has opens, closes, both or neither
instants as (
    select
        user_key, event_at,
        {{ session_setting('session_timeout_seconds', settings) }} as timeout_seconds,
        {{ session_setting('close_grace_seconds', settings) }} as close_grace_seconds,
        count(case when event_type = 'app_open' then 1 end) as opens,
        count(case when event_type = 'app_close' then 1 end) as closes
    from {{ ref('int_events') }}
    where is_activity
    group by user_key, app_id, platform, event_at
),

gaps as (
    select *, {{ seconds_between('lag(event_at) over ' ~ by_time, 'event_at') }} as seconds_since_previous
    from instants
),

-- a gap of the timeout or longer starts a new chain
chains as (
    select *, count(case when seconds_since_previous < timeout_seconds then null else 1 end) over {{ by_time }} as chain
    from gaps
),

-- within the chain: when was the app last seen to open or close, and was it left open or closed?
states as (
    select
        *,
        max(case when opens > 0 or closes > 0 then event_at end) over {{ earlier_in_chain }} as last_seen_at,
        max(case when opens > 0 and closes = 0 then event_at end) over {{ earlier_in_chain }} as left_open_at,
        max(case when closes > 0 and opens = 0 then event_at end) over {{ earlier_in_chain }} as left_closed_at
    from chains
),

-- an open of an app that is not open is a reopen, if the app was last seen longer ago than the grace
starts as (
    select
        *,
        case
            when seconds_since_previous is null then 'first'
            when seconds_since_previous >= timeout_seconds then 'timeout'
            when
                opens > 0
                and (left_open_at is null or left_closed_at > left_open_at)
                and {{ seconds_between('last_seen_at', 'event_at') }} > close_grace_seconds
                then 'reopen'
        end as start_reason
    from states
),

-- a session is a start and what follows it up to the next one
sessions as (
    select *, count(start_reason) over {{ by_time }} as session_number
    from starts
)

select
    user_key,
    min(event_at) as started_at,
    max(event_at) as ended_at,
    max(start_reason) as start_reason
from sessions
group by user_key, session_number
