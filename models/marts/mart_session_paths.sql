{{ config(
    unique_key='path_id',
    meta={'handles': ['fct_ad_spend', 'fct_ad_revenue']},
    **table_layout(date='week_start_date', keys=['app_id', 'platform'])
) }}
{%- set keys = ['app_id', 'platform', 'week_start_date', 'path_kind', 'outcome', 'step', 'event_name', 'next_event_name'] %}
{%- set scope = rebuild_scope() %}
{%- set stale = _stale_path_weeks() if scope == 'touched' else {} %}
{%- do stale_rows(stale.condition.replace('$week', '$row.week_start_date') if stale) %}
{%- set weeks = {'first_session': week_start('session_date'), 'last_session': _plus_days('week_end_date', -6)} %}
with

frequent_events as (

    {{ _frequent_path_events() }}

),

paths as (

    {% for kind, week in weeks.items() -%}
    select
        user_key, started_at, app_id, platform, event_name, next_event_name, seconds_to_next, end_date,
        '{{ kind }}' as path_kind,
        {{ kind }}_step as step,
        {{ week }} as week_start_date
    from {{ ref('int_session_steps') }}
    where
        {{ kind }}_step is not null
        {%- if stale %}
        and {{ stale.condition.replace('$week', week) }}
        {%- endif %}
        {%- if stale.first %}
        -- a redundant bound, by which an engine skips what it stores of earlier times
        and week_end_date >= {{ stale.first }}
        {%- endif %}
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

),

sessions as (

    select
        user_key,
        started_at,
        lead(session_date) over (partition by user_key order by started_at) as next_session_date
    from {{ ref('fct_sessions') }}
    {%- if stale.first %}
    -- with time enough for any zone
    where ended_at >= cast({{ _plus_days(stale.first, -2) }} as {{ dbt.type_timestamp() }})
    {%- endif %}

),

judged as (

    select
        paths.app_id,
        paths.platform,
        paths.path_kind,
        paths.step,
        paths.week_start_date,
        case when frequent_events.event_name is null then '(other)' else paths.event_name end as event_name,
        case
            when paths.next_event_name = '(end)' or frequent_next_events.event_name is not null then paths.next_event_name
            else '(other)'
        end as next_event_name,
        paths.seconds_to_next,
        coalesce(
            {{ days_between(_plus_days('paths.week_start_date', 6), 'completeness.events_complete_until') }} >= 0, false
        ) as is_complete,
        -- known of all sessions of a week at once: who came back at once is known earlier than who stays away
        case
            when
                {{ days_between(_plus_days('paths.week_start_date', 6), 'completeness.events_complete_until') }} >= {{ var('churn_days') }}
                and {{ days_between('paths.end_date', 'completeness.events_complete_until') }} >= {{ var('churn_days') }}
                then case
                    when sessions.next_session_date <= {{ _plus_days('paths.end_date', var('churn_days')) }} then 'returned'
                    else 'churned'
                end
            else 'not yet known'
        end as outcome
    from paths
    inner join sessions
        on paths.user_key = sessions.user_key and paths.started_at = sessions.started_at
    left join frequent_events
        on paths.app_id = frequent_events.app_id and paths.event_name = frequent_events.event_name
    left join frequent_events as frequent_next_events
        on paths.app_id = frequent_next_events.app_id and paths.next_event_name = frequent_next_events.event_name
    left join {{ ref('int_app_completeness') }} as completeness
        on paths.app_id = completeness.app_id and paths.platform = completeness.platform

),

counted as (

    select
        {{ keys | join(', ') }},
        is_complete,
        count(*) as session_count,
        sum(seconds_to_next) as total_seconds_to_next,
        {{ median('seconds_to_next') }} as median_seconds_to_next
    from judged
    group by {{ keys | join(', ') }}, is_complete

),

final as (

    select
        ---------- ids
        {{ mart_key(keys) }} as path_id,
        app_id,
        platform,

        ---------- strings
        path_kind,
        outcome,
        event_name,
        next_event_name,

        ---------- numerics
        step,
        cast(session_count as bigint) as session_count,
        {{ safe_divide('session_count', 'sum(session_count) over (partition by ' ~ keys[:-1] | join(', ') ~ ')') }}
            as next_event_rate,
        {{ as_decimal('total_seconds_to_next', 28, 6) }} as total_seconds_to_next,
        median_seconds_to_next,

        ---------- booleans
        is_complete,

        ---------- dates
        week_start_date
    from counted

)

select * from final
