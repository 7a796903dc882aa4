with

events as (

    select
        app_id,
        platform,
        count(*) as activity_event_count
    from {{ ref('int_event_log') }}
    where event_status = 'accepted' and is_activity
    group by app_id, platform

),

sessions as (

    select
        app_id,
        platform,
        sum(event_count) as session_event_count
    from {{ ref('fct_sessions') }}
    group by app_id, platform

),

final as (

    select
        coalesce(events.app_id, sessions.app_id) as app_id,
        coalesce(events.platform, sessions.platform) as platform,
        coalesce(events.activity_event_count, 0) as activity_event_count,
        coalesce(sessions.session_event_count, 0) as session_event_count
    from events
    full outer join sessions
        on events.app_id = sessions.app_id and events.platform = sessions.platform

)

select * from final
where activity_event_count <> session_event_count
