{{ config(materialized='tracked') }}
{%- set measures = ['session_count', 'dau'] %}
with

days as (

    select *
    from {{ ref('int_forecast_days') }}

),

expected as (

    select *
    from {{ ref('int_forecast_expectations') }}

),

days_ahead as (

    select cast(generated_number as integer) as days_ahead
    from ({{ dbt.generate_series(_forecast_days_ahead()) }}) as series

),

dated as (

    select
        as_of_dates.*,
        days_ahead.days_ahead,
        {{ _plus_days('as_of_dates.as_of_date', 'days_ahead.days_ahead') }} as forecast_date,
        -- the last one that is known
        {{ _plus_days(
            'as_of_dates.as_of_date',
            'cast(days_ahead.days_ahead - 7 * (' ~ _forecast_week_ahead('days_ahead.days_ahead') ~ ') as integer)'
        ) }} as same_weekday
    from {{ ref('int_forecast_dates') }} as as_of_dates
    cross join days_ahead

),

last_week as (

    -- by how much it had more than expected, and what a session brought
    select
        expected.app_id,
        expected.as_of_date,
        {%- for measure in measures %}
        {{ as_double('sum(days.' ~ measure ~ ')') }}
        / nullif({{ as_double('sum(expected.' ~ measure ~ ')') }}, 0) as {{ measure }}_level,
        {%- endfor %}
        {{ as_double('sum(days.ad_revenue)') }}
        / nullif(sum(case when days.ad_revenue is not null then days.session_count end), 0) as ad_revenue_per_session
    from expected
    inner join days
        on
            expected.app_id = days.app_id
            and {{ _plus_days('expected.as_of_date', 'expected.days_ahead') }} = days.activity_date
    where expected.days_ahead <= 0
    group by expected.app_id, expected.as_of_date

),

forecast as (

    select
        dated.*,
        {%- for measure in measures + ['ad_revenue'] %}
        actual.{{ measure }} as actual_{{ measure }},
        naive.{{ measure }} as same_weekday_{{ measure }},
        {%- endfor %}
        {%- for measure in measures %}
        {{ as_double('expected.' ~ measure) }} * last_week.{{ measure }}_level
        * coalesce(weekdays.{{ measure }}_factor, 1) as {{ measure }},
        {%- endfor %}
        last_week.ad_revenue_per_session
    from dated
    left join expected
        on
            dated.app_id = expected.app_id
            and dated.as_of_date = expected.as_of_date
            and dated.days_ahead = expected.days_ahead
    left join last_week
        on dated.app_id = last_week.app_id and dated.as_of_date = last_week.as_of_date
    left join {{ ref('int_forecast_weekdays') }} as weekdays
        on
            dated.app_id = weekdays.app_id
            and dated.as_of_date = weekdays.as_of_date
            and {{ _forecast_weekday('dated.forecast_date') }} = weekdays.weekday_number
    left join days as actual
        on dated.app_id = actual.app_id and dated.forecast_date = actual.activity_date
    left join days as naive
        on dated.app_id = naive.app_id and dated.same_weekday = naive.activity_date

),

final as (

    select
        app_id,
        as_of_date,
        first_date,
        is_current,
        is_scored,
        cast(days_ahead as bigint) as days_ahead,
        forecast_date,
        {%- for measure, expression in {
            'session_count': 'session_count', 'dau': 'dau', 'ad_revenue': 'session_count * ad_revenue_per_session'
        }.items() %}
        {{ _ltv_decimal(expression, 9) }} as cohort_curves_{{ measure }},
        {%- for kind in ['same_weekday', 'actual'] %}
        {{ as_decimal(kind ~ '_' ~ measure, 28, 9) }} as {{ kind }}_{{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from forecast

)

select * from final
