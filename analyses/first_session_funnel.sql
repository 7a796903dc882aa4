-- How far do new users come in their first session, and where do they stop? The steps are names of events as
-- the app sends them, here of the sample's puzzle game; put those of your app in their place.
{%- set steps = ['tutorial_complete', 'level_complete', 'ad_impression'] %}
{%- set window_seconds = 1800 %}
with

first_sessions as (

    select session_id, user_key, app_id, platform
    from {{ ref('fct_sessions') }}
    where is_first_session

),

events as (

    select
        events.user_key,
        events.event_name,
        events.event_at
    from {{ ref('int_events_sessionized') }} as events
    inner join first_sessions
        on events.session_id = first_sessions.session_id

),

users as (

    {{ funnel('events', steps, window_seconds=window_seconds) }}

),

counted as (

    select
        first_sessions.app_id,
        first_sessions.platform,
        count(*) as new_users,
        {%- for step in steps %}
        count(users.step_{{ loop.index }}_at) as step_{{ loop.index }}_users{{ ',' if not loop.last }}
        {%- endfor %}
    from first_sessions
    left join users
        on first_sessions.user_key = users.user_key
    group by first_sessions.app_id, first_sessions.platform

)

select
    *,
    {%- for step in steps %}
    {%- set before = 'step_' ~ (loop.index - 1) ~ '_users' if loop.index > 1 else 'new_users' %}
    {{ safe_divide('step_' ~ loop.index ~ '_users', before) }} as step_{{ loop.index }}_rate{{ ',' if not loop.last }}
    {%- endfor %}
from counted
order by new_users desc, app_id asc, platform asc
