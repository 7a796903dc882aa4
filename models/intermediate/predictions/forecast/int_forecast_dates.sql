{{ config(materialized='tracked_view') }}
with

days as (

    -- Sundays of a year, from four weeks of history on: more data move none of them
    select
        *,
        weekday_number = 6
        and {{ days_between('first_date', 'activity_date') }} + 1 >= {{ _forecast_least()['days'] }}
        and {{ days_between('activity_date', 'last_date') }} < 364 as is_scored
    from {{ ref('int_forecast_days') }}

),

final as (

    select
        app_id,
        first_date,
        activity_date = last_date as is_current,
        is_scored,
        activity_date as as_of_date
    from days
    where is_scored or activity_date = last_date

)

select * from final
