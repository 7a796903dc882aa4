{{ config(materialized='tracked') }}
{%- set keys = ['level', 'method', 'observed_day_n', 'horizon_day_n'] %}

with

errors as (

    -- of an app, and of all apps
    {% for app in [['app_id', 'platform'], ["'(all)'", "'(all)'"]] -%}
    select
        cast({{ app[0] }} as {{ dbt.type_string() }}) as app_id,
        cast({{ app[1] }} as {{ dbt.type_string() }}) as platform,
        {{ keys | join(', ') }},
        as_of_step,
        error_units,
        as_of_step + {{ _ltv_steps_to_score() }} as scored_step
    from {{ ref('int_ltv_errors') }}
    where error_units is not null
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

),

steps as (

    select distinct as_of_step
    from {{ ref('int_ltv_estimates') }}

),

known as (

    -- at an as-of date: of the errors whose outcome was known by then
    select
        steps.as_of_step,
        errors.app_id,
        errors.platform,
        {% for key in keys %}errors.{{ key }}, {% endfor %}
        count(*) as error_count,
        count(distinct errors.as_of_step) as error_date_count,
        {{ percentile('errors.error_units', 0.1) }} as lower_error_units,
        {{ percentile('errors.error_units', 0.9) }} as upper_error_units
    from errors
    inner join steps
        on
            errors.scored_step <= steps.as_of_step
            and errors.scored_step > steps.as_of_step - {{ _ltv_error_steps() }}
    group by
        steps.as_of_step,
        errors.app_id,
        errors.platform,
        {% for key in keys %}errors.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
    having count(*) >= {{ _ltv_least_errors() }}

),

final as (

    -- what is predicted at one date is wrong together, in sums more than in single cohorts: few dates, all of them months
    -- ago, show too little of it; 1.2 is measured (docs/metrics.md)
    select
        as_of_step,
        app_id,
        platform,
        {{ keys | join(', ') }},
        error_count,
        {%- for side in ['lower', 'upper'] %}
        {{ _ltv_decimal(
            side ~ "_error_units * case when level = 'cohort' then 1 else 1.2 * sqrt(1 + 1 / cast(error_date_count as "
            ~ type_double() ~ ')) end', 9
        ) }} as {{ side }}_error_units{{ ',' if not loop.last }}
        {%- endfor %}
    from known

)

select * from final
