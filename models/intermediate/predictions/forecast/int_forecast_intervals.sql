{{ config(materialized='tracked') }}
{%- set keys = ['app_id', 'as_of_date', 'measure'] %}
with

errors as (

    select *
    from {{ ref('int_forecast_errors') }}
    where method = '{{ _forecast_methods()[0] }}' and error_units is not null

),

known as (

    -- at an as-of date: of the errors of the quarter before
    select
        as_of_dates.app_id,
        as_of_dates.as_of_date,
        errors.measure,
        count(distinct errors.as_of_date) as error_date_count,
        {{ percentile('errors.error_units', 0.1) }} as lower_error_units,
        {{ percentile('errors.error_units', 0.9) }} as upper_error_units
    from {{ ref('int_forecast_dates') }} as as_of_dates
    inner join errors
        on
            as_of_dates.app_id = errors.app_id
            and as_of_dates.as_of_date >= errors.forecast_date
            and {{ _plus_days('as_of_dates.as_of_date', -_forecast_error_days()) }} < errors.forecast_date
    group by as_of_dates.app_id, as_of_dates.as_of_date, errors.measure
    having count(distinct errors.as_of_date) >= {{ _forecast_least_error_dates() }}

),

final as (

    -- days of one forecast are wrong together: few dates show too little of it. The forecast itself is always inside
    select
        {{ keys | join(', ') }},
        cast(error_date_count as bigint) as error_date_count,
        {%- for side, bound in [('lower', 'least'), ('upper', 'greatest')] %}
        {{ _ltv_decimal(
            bound ~ '(' ~ as_double(side ~ '_error_units') ~ ' * sqrt(1 + 1 / ' ~ as_double('error_date_count') ~ '), 0)', 9
        ) }} as {{ side }}_error_units{{ ',' if not loop.last }}
        {%- endfor %}
    from known

)

select * from final
