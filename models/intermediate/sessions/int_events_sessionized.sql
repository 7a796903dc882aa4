{{ config(materialized='tracked_view') }}

with

events as (

    select *
    from {{ ref('int_events') }}

),

final as (

    -- the sessions of a user do not overlap, so an event lies in one at most; one key, since a condition on events by itself would
    -- keep DuckDB from a hash join
    select
        events.*,
        coalesce(day_sessions.session_id, long_sessions.session_id) as session_id
    from events
    {{ _join_sessions(
        ref('fct_sessions'),
        'case when events.is_activity then events.user_key end', 'events.event_at', 'events.event_at'
    ) }}

)

select * from final
