{{ config(materialized='tracked_view') }}
{%- set measures = ['session_count', 'dau'] %}
{%- set week = 'partition by app_id order by activity_date rows between 3 preceding and 3 following' %}
with

days as (

    -- a day beside the week around it, so that growth is no weekday
    select
        app_id,
        weekday_number,
        {%- for measure in measures %}
        {{ measure }},
        sum({{ measure }}) over ({{ week }}) as week_{{ measure }},
        {%- endfor %}
        count(*) over ({{ week }}) as day_count,
        {{ _plus_days('activity_date', 3) }} as known_date
    from {{ ref('int_forecast_days') }}

),

factors as (

    select
        as_of_dates.app_id,
        as_of_dates.as_of_date,
        days.weekday_number
        {%- for measure in measures %},
        {{ as_decimal(
            'coalesce(' ~ as_double('7 * sum(days.' ~ measure ~ ')') ~ ' / nullif(sum(days.week_' ~ measure ~ '), 0), 1)', 18, 9
        ) }} as {{ measure }}_factor
        {%- endfor %}
    from {{ ref('int_forecast_dates') }} as as_of_dates
    inner join days
        on
            as_of_dates.app_id = days.app_id
            and as_of_dates.as_of_date >= days.known_date
            and {{ _plus_days('as_of_dates.as_of_date', -_forecast_learnt_days()) }} < days.known_date
    where days.day_count = 7
    group by as_of_dates.app_id, as_of_dates.as_of_date, days.weekday_number

),

final as (

    -- 1 on the average
    select
        app_id,
        as_of_date,
        weekday_number
        {%- for measure in measures %},
        {{ as_double(measure ~ '_factor') }} * count(*) over (partition by app_id, as_of_date)
        / nullif(sum({{ measure }}_factor) over (partition by app_id, as_of_date), 0) as {{ measure }}_factor
        {%- endfor %}
    from factors

)

select * from final
