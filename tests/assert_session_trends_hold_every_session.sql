with

sessions as (

    select
        app_id,
        session_date,
        count(*) as session_count
    from {{ ref('fct_sessions') }}
    group by app_id, session_date

),

levels as (

    select
        app_id,
        session_date,
        series_level,
        sum(session_count) as session_count
    from {{ ref('mart_session_trends') }}
    group by app_id, session_date, series_level

),

names as (

    select distinct series_level
    from levels

),

expected as (

    select
        sessions.*,
        names.series_level
    from sessions
    cross join names

)

select
    coalesce(expected.app_id, levels.app_id) as app_id,
    coalesce(expected.session_date, levels.session_date) as session_date,
    coalesce(expected.series_level, levels.series_level) as series_level,
    coalesce(levels.session_count, 0) as session_count,
    coalesce(expected.session_count, 0) as expected_session_count
from expected
full outer join levels
    on
        expected.app_id = levels.app_id
        and expected.session_date = levels.session_date
        and expected.series_level = levels.series_level
where coalesce(levels.session_count, 0) <> coalesce(expected.session_count, 0)
