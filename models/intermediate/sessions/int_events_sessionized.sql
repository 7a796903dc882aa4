{{ config(materialized='tracked_view') }}

with

events as (

    select *
    from {{ ref('int_events') }}

),

sessions as (

    select user_key, session_id, started_at, ended_at
    from {{ ref('fct_sessions') }}

),

final as (

    -- the sessions of a user do not overlap, so an event lies in one at most
    select
        events.*,
        sessions.session_id
    from events
    left join sessions
        on
            -- one key: a condition on events by itself would keep DuckDB from a hash join
            case when events.is_activity then events.user_key end = sessions.user_key
            and events.event_at >= sessions.started_at
            and events.event_at <= sessions.ended_at

)

select * from final
