{{ config(
    unique_key='part_id',
    indexes=lookup_indexes([['user_key']]),
    **table_layout(date='session_date', keys=['user_key'])
) }}
{%- set scope = rebuild_scope() %}
{%- do stale_rows(is_touched_since('$row', 'started_at')) %}
{%- set has_id = 'is_activity and vendor_session_id is not null' %}
{#- most exports have no such id: then nothing else is asked -#}
{%- set is_needed = scope != 'touched' or (first_pending_change() and run_query(
    'select 1 from ' ~ ref('int_events') ~ ' where ' ~ has_id ~ ' and event_at >= ' ~ first_pending_change() ~ ' limit 1'
).rows | length > 0) %}
{%- set sessions_sql -%}
    select session_id, user_key, app_id, platform, session_date, started_at, ended_at
    from {{ ref('fct_sessions') }} as sessions
    {{ where_touched_since(scope, 'sessions', 'started_at') if is_needed else 'where 1 = 0' }}
{%- endset -%}
{%- set sessions = computed_once('sessions', sessions_sql, is_part=scope != 'all') -%}
{%- set events_sql -%}
    select user_key, event_at, vendor_session_id
    from {{ events_within(sessions if is_needed) }} as events
    where {{ has_id }}{{ ' and user_key in (select sessions.user_key from sessions)' if scope == 'touched' }}
{%- endset %}

with

sessions as (

    {{ sessions }}

),

events as (

    {{ computed_once('events', events_sql, {'sessions': sessions}, is_part=scope != 'all') }}

),

vendor_sessions as (

    select
        user_key, vendor_session_id,
        min(event_at) as first_event_at,
        max(event_at) as last_event_at,
        count(*) as event_count
    from events
    group by user_key, vendor_session_id

),

placed as (

    -- nearly all lie in one session: these need no event again
    select coalesce(day_sessions.session_id, long_sessions.session_id) as session_id, vendor_sessions.*
    from vendor_sessions
    {{ _join_sessions('sessions', 'vendor_sessions.user_key', 'vendor_sessions.first_event_at', 'vendor_sessions.last_event_at') }}

),

parts as (

    select *
    from placed
    where session_id is not null
    union all
    select
        sessions.session_id,
        events.user_key,
        events.vendor_session_id,
        min(events.event_at) as first_event_at,
        max(events.event_at) as last_event_at,
        count(*) as event_count
    from events
    inner join placed as cut
        on events.user_key = cut.user_key and events.vendor_session_id = cut.vendor_session_id
    inner join sessions
        on
            events.user_key = sessions.user_key
            and events.event_at >= sessions.started_at
            and events.event_at <= sessions.ended_at
    where cut.session_id is null
    group by sessions.session_id, events.user_key, events.vendor_session_id

),

switches as (

    select session_id, vendor_session_id, count(*) as switch_count
    from (
        select
            mixed.session_id,
            events.vendor_session_id,
            lag(events.vendor_session_id) over (
                partition by mixed.session_id order by events.event_at, events.vendor_session_id
            ) as previous_id
        from (
            -- only where a session holds several ids the order of its events matters
            select *
            from sessions
            where session_id in (
                select parts.session_id
                from parts
                group by parts.session_id
                having count(*) > 1
            )
        ) as mixed
        inner join events
            on
                mixed.user_key = events.user_key
                and mixed.started_at <= events.event_at
                and mixed.ended_at >= events.event_at
    ) as ordered
    where previous_id <> vendor_session_id
    group by session_id, vendor_session_id

),

final as (

    select
        ---------- ids
        {{ mart_key(['parts.session_id', 'parts.vendor_session_id']) }} as part_id,
        parts.session_id,
        parts.vendor_session_id,
        parts.user_key,
        sessions.app_id,
        sessions.platform,

        ---------- numerics
        cast(parts.event_count as bigint) as event_count,
        cast(coalesce(switches.switch_count, 0) as bigint) as switch_count,

        ---------- dates and timestamps
        sessions.session_date,
        sessions.started_at,
        parts.first_event_at,
        parts.last_event_at
    from parts
    inner join sessions
        on parts.session_id = sessions.session_id
    left join switches
        on parts.session_id = switches.session_id and parts.vendor_session_id = switches.vendor_session_id

)

select * from final
