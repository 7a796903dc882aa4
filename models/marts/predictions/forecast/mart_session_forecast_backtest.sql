{{ config(**table_layout(keys=['app_id'])) }}
{%- set keys = ['as_of_date', 'app_id', 'measure', 'method', 'week_ahead'] %}
with

judged as (

    select
        errors.*,
        abs(errors.predicted_value - errors.actual_value) as absolute_error,
        -- of the forecast only: nobody shows one of the naive method
        case
            when
                errors.method = '{{ _forecast_methods()[0] }}'
                and errors.error_units is not null
                and intervals.lower_error_units is not null
                then 1
            else 0
        end as has_interval,
        case
            when
                errors.method = '{{ _forecast_methods()[0] }}'
                and errors.error_units between intervals.lower_error_units and intervals.upper_error_units
                then 1
            else 0
        end as is_inside
    from {{ ref('int_forecast_errors') }} as errors
    {{ _forecast_join_interval('errors', 'intervals', 'errors.measure') }}

),

summed as (

    select
        {{ keys | join(', ') }},
        count(*) as day_count,
        sum(predicted_value) as predicted_value,
        sum(actual_value) as actual_value,
        sum(absolute_error) as absolute_error,
        sum(has_interval) as interval_day_count,
        sum(is_inside) as covered_day_count
    from judged
    group by {{ keys | join(', ') }}

),

final as (

    select
        ---------- ids
        {{ mart_key(keys) }} as forecast_backtest_id,
        app_id,

        ---------- strings
        cast(measure as {{ dbt.type_string() }}) as measure,
        cast(method as {{ dbt.type_string() }}) as method,
        {{ reporting_currency() }} as reporting_currency,

        ---------- numerics
        cast(week_ahead as bigint) as week_ahead,
        {%- for column in ['day_count', 'interval_day_count', 'covered_day_count'] %}
        cast({{ column }} as bigint) as {{ column }},
        {%- endfor %}
        {%- for column in ['predicted_value', 'actual_value', 'absolute_error'] %}
        {{ as_decimal(column, 28, 9) }} as {{ column }},
        {%- endfor %}
        {{ safe_divide('absolute_error', 'actual_value') }} as wape,
        {{ safe_divide('predicted_value - actual_value', 'actual_value') }} as bias,
        {{ safe_divide('covered_day_count', 'interval_day_count') }} as interval_coverage,

        ---------- dates
        as_of_date
    from summed

)

select * from final
