{{ config(materialized='tracked') }}
{%- set keys = ['level', 'method', 'observed_day_n', 'horizon_day_n'] %}

with

steps as (

    select distinct as_of_step
    from {{ ref('int_ltv_estimates') }}

),

errors as (

    select
        app_id,
        platform,
        {{ keys | join(', ') }},
        as_of_step,
        error_units,
        as_of_step + {{ _ltv_steps_to_score() }} as scored_step
    from {{ ref('int_ltv_errors') }}
    where error_units is not null

),

groups as (

    -- a number in the place of six columns
    select
        app_id,
        platform,
        {{ keys | join(', ') }},
        row_number() over (order by app_id, platform, {{ keys | join(', ') }}) as group_number,
        -dense_rank() over (order by {{ keys | join(', ') }}) as pooled_number
    from (select distinct app_id, platform, {{ keys | join(', ') }} from errors) as kinds

),

numbered as (

    select
        groups.group_number,
        groups.pooled_number,
        errors.as_of_step,
        errors.scored_step,
        errors.error_units
    from errors
    inner join groups
        on
            {%- for key in ['app_id', 'platform'] + keys %}
            errors.{{ key }} = groups.{{ key }}{{ ' and' if not loop.last }}
            {%- endfor %}

),

pooled as (

    -- of an app, and of all apps
    {% for number in ['group_number', 'pooled_number'] -%}
    select {{ number }} as group_number, as_of_step, scored_step, error_units
    from numbered
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

),

names as (

    select group_number, app_id, platform, {{ keys | join(', ') }}
    from groups
    union all
    select distinct
        pooled_number as group_number,
        cast('(all)' as {{ dbt.type_string() }}) as app_id,
        cast('(all)' as {{ dbt.type_string() }}) as platform,
        {{ keys | join(', ') }}
    from groups

),

offsets as (

    select cast(generated_number - 1 as bigint) as step_count
    from ({{ dbt.generate_series(_ltv_error_steps()) }}) as series

),

known as (

    -- an error counts at the as-of date by which its outcome is known, and at some after it
    select
        pooled.group_number,
        pooled.scored_step + offsets.step_count as as_of_step,
        count(*) as error_count,
        count(distinct pooled.as_of_step) as error_date_count,
        {{ percentile('pooled.error_units', 0.1) }} as lower_error_units,
        {{ percentile('pooled.error_units', 0.9) }} as upper_error_units
    from pooled
    cross join offsets
    group by pooled.group_number, pooled.scored_step + offsets.step_count
    having count(*) >= {{ _ltv_least_errors() }}

),

final as (

    -- what is predicted at one date is wrong together, in sums more than in single cohorts: few dates, all of them months
    -- ago, show too little of it; 1.2 is measured (docs/metrics.md)
    select
        known.as_of_step,
        names.app_id,
        names.platform,
        {% for key in keys %}names.{{ key }}, {% endfor %}
        known.error_count,
        {%- for side in ['lower', 'upper'] %}
        {{ _ltv_decimal(
            'known.' ~ side ~ "_error_units * case when names.level = 'cohort' then 1 else 1.2 * sqrt(1 + 1 / cast(known.error_date_count as "
            ~ type_double() ~ ')) end', 9
        ) }} as {{ side }}_error_units{{ ',' if not loop.last }}
        {%- endfor %}
    from known
    inner join names
        on known.group_number = names.group_number
    inner join steps
        on known.as_of_step = steps.as_of_step

)

select * from final
