{%- set keys = ['app_id', 'platform', 'series_level', 'channel', 'country'] %}
with

sessions as (

    -- the channel that brought the user, the country of the session
    select
        sessions.app_id,
        sessions.platform,
        coalesce(users.channel, '(unknown)') as channel,
        coalesce(sessions.country, '(unknown)') as country,
        sessions.session_date,
        count(*) as session_count
    from {{ ref('fct_sessions') }} as sessions
    left join {{ ref('int_cohort_users') }} as users
        on sessions.user_key = users.user_key
    group by
        sessions.app_id, sessions.platform, coalesce(users.channel, '(unknown)'),
        coalesce(sessions.country, '(unknown)'), sessions.session_date

),

levels as (

    {% for level in ['app', 'platform', 'channel', 'country'] -%}
    select cast('{{ level }}' as {{ dbt.type_string() }}) as series_level
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

),

counts as (

    -- every session is in one series of each level
    select
        sessions.app_id,
        case when levels.series_level = 'app' then '(all)' else sessions.platform end as platform,
        levels.series_level,
        case when levels.series_level = 'channel' then sessions.channel else '(all)' end as channel,
        case when levels.series_level = 'country' then sessions.country else '(all)' end as country,
        sessions.session_date,
        sum(sessions.session_count) as session_count
    from sessions
    cross join levels
    group by
        sessions.app_id,
        case when levels.series_level = 'app' then '(all)' else sessions.platform end,
        levels.series_level,
        case when levels.series_level = 'channel' then sessions.channel else '(all)' end,
        case when levels.series_level = 'country' then sessions.country else '(all)' end,
        sessions.session_date

),

series as (

    -- a series that falls silent has eight weeks of zeros: after that there is nothing to expect
    select
        {{ keys | join(', ') }},
        row_number() over (order by {{ keys | join(', ') }}) as series_number,
        min(session_date) as first_date,
        {{ _plus_days('max(session_date)', 56) }} as last_date,
        max(max(session_date)) over () as newest_date
    from counts
    group by {{ keys | join(', ') }}

),

completeness as (

    select
        app_id,
        platform,
        events_complete_until
    from {{ ref('int_app_completeness') }}
    union all
    -- an app waits for the slowest of its platforms
    select
        app_id,
        '(all)' as platform,
        min(events_complete_until) as events_complete_until
    from {{ ref('int_app_completeness') }}
    group by app_id

)

select
    ---------- ids
    series.app_id,
    series.platform,

    ---------- strings
    series.series_level,
    series.channel,
    series.country,

    ---------- numerics: windows sort by one number faster than by five texts; Monday is 0
    cast(series.series_number as bigint) as series_number,
    cast({{ days_between('dates.week_start_date', 'dates.date_day') }} as bigint) as weekday_number,
    cast(coalesce(counts.session_count, 0) as bigint) as session_count,

    ---------- booleans
    coalesce({{ days_between('dates.date_day', 'completeness.events_complete_until') }} >= 0, false) as is_complete,

    ---------- dates
    dates.date_day as session_date
from series
inner join {{ ref('dim_dates') }} as dates
    on
        series.first_date <= dates.date_day
        and series.last_date >= dates.date_day
        and series.newest_date >= dates.date_day
left join counts
    on
        {%- for key in keys %}
        series.{{ key }} = counts.{{ key }} and
        {%- endfor %}
        dates.date_day = counts.session_date
left join completeness
    on series.app_id = completeness.app_id and series.platform = completeness.platform
