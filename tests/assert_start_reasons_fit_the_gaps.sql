{%- set timeout_seconds = session_setting('session_timeout_seconds', session_settings()) %}

with

sessions as (

    select
        session_id,
        user_key,
        start_reason,
        session_interval_seconds,
        {{ timeout_seconds }} as session_timeout_seconds
    from {{ ref('fct_sessions') }}

)

-- a gap of exactly the timeout ends a session, so that only a reopen comes sooner
select * from sessions
where
    (start_reason = 'first') <> (session_interval_seconds is null)
    or (start_reason = 'timeout' and session_interval_seconds < session_timeout_seconds)
    or (start_reason = 'reopen' and session_interval_seconds >= session_timeout_seconds)
