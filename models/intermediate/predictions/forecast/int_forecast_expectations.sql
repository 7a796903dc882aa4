{{ config(materialized='tracked_view') }}
{%- set measures = {'session_count': 'sessions_per_install', 'dau': 'active_share'} %}
with

as_of_dates as (

    select app_id, as_of_date
    from {{ ref('int_forecast_dates') }}

),

days_ahead as (

    -- the last week, and the weeks to come
    select cast(generated_number - 7 as integer) as days_ahead
    from ({{ dbt.generate_series(_forecast_days_ahead() + 7) }}) as series

),

installed as (

    select
        as_of_dates.app_id,
        as_of_dates.as_of_date,
        {{ days_between('installs.install_date', 'as_of_dates.as_of_date') }} as age,
        installs.install_count
    from as_of_dates
    inner join {{ ref('int_forecast_installs') }} as installs
        on as_of_dates.app_id = installs.app_id and as_of_dates.as_of_date >= installs.install_date

),

cohorts as (

    -- every day to come has a seventh of the last week's installs: so all are counted in sevenths
    select app_id, as_of_date, age, 7 * install_count as sevenths
    from installed
    union all
    select
        installed.app_id,
        installed.as_of_date,
        -days_ahead.days_ahead as age,
        sum(installed.install_count) as sevenths
    from installed
    inner join days_ahead
        on installed.age < 7 and days_ahead.days_ahead > 0
    group by installed.app_id, installed.as_of_date, days_ahead.days_ahead

),

ages as (

    select
        cohorts.app_id,
        cohorts.as_of_date,
        days_ahead.days_ahead,
        {{ _forecast_span_number('cohorts.age + days_ahead.days_ahead') }} as span_number,
        cohorts.sevenths
    from cohorts
    inner join days_ahead
        on cohorts.age + days_ahead.days_ahead >= 0

),

spans as (

    -- as decimals, whose sums do not depend on their order
    select
        app_id,
        as_of_date,
        days_ahead,
        span_number,
        {{ as_decimal('sum(sevenths)', 18, 0) }} as sevenths
    from ages
    group by app_id, as_of_date, days_ahead, span_number

),

final as (

    select
        spans.app_id,
        spans.as_of_date,
        spans.days_ahead
        {%- for measure, rate in measures.items() %},
        {{ as_double('sum(spans.sevenths * curves.' ~ rate ~ ')') }} / 7 as {{ measure }}
        {%- endfor %}
    from spans
    inner join {{ ref('int_forecast_curves') }} as curves
        on
            spans.app_id = curves.app_id
            and spans.as_of_date = curves.as_of_date
            and spans.span_number = curves.span_number
    group by spans.app_id, spans.as_of_date, spans.days_ahead

)

select * from final
