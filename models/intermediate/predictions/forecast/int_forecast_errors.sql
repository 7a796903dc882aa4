{{ config(materialized='tracked_view') }}
{%- set methods = _forecast_methods() %}
with

scored as (

    select *
    from {{ ref('int_session_forecasts') }}
    where is_scored

),

final as (

    -- what has come of it so far
    {% for measure, column in _forecast_measures().items() -%}
    {% set last_measure = loop.last -%}
    {% for method in methods -%}
    select
        app_id,
        as_of_date,
        forecast_date,
        {{ _forecast_week_ahead('days_ahead') }} as week_ahead,
        '{{ measure }}' as measure,
        '{{ method }}' as method,
        {{ method }}_{{ column }} as predicted_value,
        actual_{{ column }} as actual_value,
        {{ _ltv_decimal(
            as_double('actual_' ~ column ~ ' - ' ~ method ~ '_' ~ column)
            ~ ' / nullif(' ~ as_double(method ~ '_' ~ column) ~ ' * ' ~ _forecast_error_unit('days_ahead') ~ ', 0)', 9
        ) }} as error_units
    from scored
    where actual_{{ column }} is not null and {{ method }}_{{ column }} is not null
    {{ 'union all' if not (last_measure and loop.last) }}
    {% endfor -%}
    {% endfor %}
)

select * from final
