{{ config(
    unique_key=['user_key', 'started_at', 'step'],
    indexes=lookup_indexes([['user_key']]),
    **table_layout(date='week_end_date', keys=['user_key'])
) }}
{%- set scope = rebuild_scope() %}
{%- do stale_rows(is_touched_since('$row', 'week_end_date', kind='date')) %}
{%- set most_steps = 10 %}
{%- set sessions = computed_once('sessions', _first_and_last_sessions(scope), is_part=scope != 'all') -%}
{%- set known_sql -%}
    -- sessions whose events are as they were
    select sessions.user_key, sessions.started_at
    from sessions
    inner join {{ this }} as steps
        on
            sessions.user_key = steps.user_key
            and sessions.started_at = steps.started_at
            and sessions.ended_at = steps.ended_at
            and sessions.is_first_session = steps.is_first_session
            and sessions.is_last_of_week = steps.is_last_of_week
    left join {{ pending_changes() }} as pending
        on
            sessions.user_key = pending.user_key
            and pending.event_at >= sessions.started_at
            and pending.event_at <= sessions.ended_at
    group by sessions.user_key, sessions.started_at
    having count(pending.user_key) = 0
{%- endset -%}
{%- set known = computed_once('known', known_sql, {'sessions': sessions}, is_part=true) if scope == 'touched' -%}
{%- set unread_sql -%}
    select sessions.*
    from sessions
    {%- if scope == 'touched' %}
    left join known
        on sessions.user_key = known.user_key and sessions.started_at = known.started_at
    where known.user_key is null
    {%- endif %}
{%- endset -%}
{%- set before = {'sessions': sessions, 'known': known} -%}
{%- set unread = computed_once('unread', unread_sql, before, is_part=true) if known else unread_sql %}

with

sessions as (

    {{ sessions }}

),
{% if scope == 'touched' %}
known as (

    {{ known }}

),
{% endif %}
unread as (

    {{ unread }}

),

events as (

    select
        unread.user_key,
        unread.started_at,
        -- two names that paths use themselves
        case when events.event_name in ('(end)', '(other)') then '(other)' else events.event_name end as event_name,
        -- what opens a session comes first and what closes it last, where several are at one instant
        case events.event_type when 'install' then 0 when 'app_open' then 1 when 'app_close' then 3 else 2 end as place,
        events.event_at
    from {{ events_within(_after_ctes(unread, before)) }} as events
    inner join unread
        on
            events.user_key = unread.user_key
            and events.event_at >= unread.started_at
            and events.event_at <= unread.ended_at
    where events.is_activity

),

steps as (

    -- an event that comes again at once is one step
    select
        *,
        row_number() over (partition by user_key, started_at order by event_number) as step,
        count(*) over (partition by user_key, started_at) as step_count,
        lead(event_name) over (partition by user_key, started_at order by event_number) as next_event_name,
        lead(event_at) over (partition by user_key, started_at order by event_number) as next_event_at
    from (
        select
            *,
            {%- set in_order = 'partition by user_key, started_at order by event_at, place, ' ~ binary_text('event_name') %}
            lag(event_name) over ({{ in_order }}) as previous_name,
            row_number() over ({{ in_order }}) as event_number
        from events
    ) as named
    where previous_name is null or previous_name <> event_name

),

final as (

    select
        ---------- ids
        unread.user_key,
        unread.app_id,
        unread.platform,

        ---------- strings
        steps.event_name,
        coalesce(steps.next_event_name, '(end)') as next_event_name,

        ---------- numerics
        cast(steps.step as bigint) as step,
        cast(case when unread.is_first_session and steps.step <= {{ most_steps }} then steps.step end as bigint) as first_session_step,
        cast(case
            when unread.is_last_of_week and steps.step_count - steps.step < {{ most_steps }} then steps.step - steps.step_count - 1
        end as bigint) as last_session_step,
        {{ seconds_between('steps.event_at', 'steps.next_event_at') }} as seconds_to_next,

        ---------- booleans
        unread.is_first_session,
        unread.is_last_of_week,

        ---------- dates and timestamps
        unread.session_date,
        unread.end_date,
        unread.week_end_date,
        unread.started_at,
        unread.ended_at
    from steps
    inner join unread
        on steps.user_key = unread.user_key and steps.started_at = unread.started_at
    where
        (unread.is_first_session and steps.step <= {{ most_steps }})
        or (unread.is_last_of_week and steps.step_count - steps.step < {{ most_steps }})

)

select * from final
{%- if scope == 'touched' %}
union all
select steps.*
from {{ this }} as steps
inner join known
    on steps.user_key = known.user_key and steps.started_at = known.started_at
{%- endif %}
