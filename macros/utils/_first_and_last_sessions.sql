{#- Selects the sessions whose paths are told: a user's first, and the last of each of the user's weeks. -#}
{% macro _first_and_last_sessions(scope) %}
    {%- set first = first_pending_change() if scope == 'touched' %}
    select *
    from (
        select
            *,
            case
                when next_week_end_date = week_end_date and next_session_date <= {{ _plus_days('end_date', var('churn_days')) }}
                    then false
                else true
            end as is_last_of_week
        from (
            select
                *,
                lead(week_end_date) over (partition by user_key order by started_at) as next_week_end_date,
                lead(session_date) over (partition by user_key order by started_at) as next_session_date
            from (
                select
                    user_key, app_id, platform, is_first_session, session_date, started_at, ended_at,
                    {{ local_date('ended_at', 'app_id') }} as end_date,
                    {{ _plus_days(week_start(local_date('ended_at', 'app_id')), 6) }} as week_end_date
                from {{ ref('fct_sessions') }}
                {%- if first %}
                -- a redundant bound, by which an engine skips what it stores of earlier times
                where ended_at >= {{ plus_seconds(first, -10 * 86400) }}
                {%- endif %}
            ) as dated
            {{ where_touched_since(scope, 'dated', 'week_end_date', kind='date') }}
        ) as ordered
    ) as marked
    where is_first_session or is_last_of_week
{% endmacro %}
