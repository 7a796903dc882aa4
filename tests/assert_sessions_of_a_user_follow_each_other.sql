with

sessions as (

    select
        session_id,
        user_key,
        session_number,
        session_interval_seconds,
        start_reason,
        started_at,
        ended_at,
        row_number() over (partition by user_key order by started_at) as place,
        lag(ended_at) over (partition by user_key order by started_at) as previous_ended_at
    from {{ ref('fct_sessions') }}

),

measured as (

    select
        *,
        {{ seconds_between('previous_ended_at', 'started_at') }} as seconds_since_previous
    from sessions

),

final as (

    select
        *,
        case
            when session_number <> place then 'session_number does not count the sessions'
            when (start_reason = 'first') <> (place = 1) then 'not exactly one first session'
            when previous_ended_at >= started_at then 'it overlaps the session before'
            when coalesce(session_interval_seconds, -1) <> coalesce(seconds_since_previous, -1)
                then 'session_interval_seconds is not the time since the session before'
        end as broken_rule
    from measured

)

select * from final
where broken_rule is not null
