{{ config(materialized='tracked') }}
{%- set keys = ['level', 'method', 'observed_day_n', 'horizon_day_n'] %}

with

steps as (

    select distinct as_of_step
    from {{ ref('int_ltv_estimates') }}

),

offsets as (

    select cast(generated_number - 1 as bigint) as step_count
    from ({{ dbt.generate_series(_ltv_error_steps()) }}) as series

),

errors as (

    -- an error counts at the as-of date by which its outcome is known, and at some after it
    select
        app_id,
        platform,
        {{ keys | join(', ') }},
        as_of_step,
        error_units,
        as_of_step + {{ _ltv_steps_to_score() }} + offsets.step_count as known_step
    from {{ ref('int_ltv_errors') }}
    cross join offsets
    where error_units is not null

),

pooled as (

    -- of an app, and of all apps
    {% for app in [['app_id', 'platform'], ["'(all)'", "'(all)'"]] -%}
    select
        cast({{ app[0] }} as {{ dbt.type_string() }}) as app_id,
        cast({{ app[1] }} as {{ dbt.type_string() }}) as platform,
        {{ keys | join(', ') }},
        as_of_step,
        known_step,
        error_units
    from errors
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

),

known as (

    select
        steps.as_of_step,
        pooled.app_id,
        pooled.platform,
        {% for key in keys %}pooled.{{ key }}, {% endfor %}
        count(*) as error_count,
        count(distinct pooled.as_of_step) as error_date_count,
        {{ percentile('pooled.error_units', 0.1) }} as lower_error_units,
        {{ percentile('pooled.error_units', 0.9) }} as upper_error_units
    from pooled
    inner join steps
        on pooled.known_step = steps.as_of_step
    group by
        steps.as_of_step,
        pooled.app_id,
        pooled.platform,
        {% for key in keys %}pooled.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
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
