{{ config(materialized='tracked') }}
{%- set keys = ['level', 'method', 'observed_day_n', 'horizon_day_n'] %}
{%- set wider = '1.2 * sqrt(1 + 1 / cast(known.error_date_count as ' ~ type_double() ~ '))' %}

with

errors as (

    select
        app_id,
        platform,
        {{ (keys + ['as_of_step', 'error_units']) | join(', ') }},
        as_of_step + {{ _ltv_steps_to_score() }} as scored_step
    from {{ ref('int_ltv_errors') }}
    where error_units is not null

),

kinds as (

    -- a number in the place of six columns: of an app, and of all apps
    select
        app_id,
        platform,
        {{ keys | join(', ') }},
        row_number() over (order by app_id, platform, {{ keys | join(', ') }}) as group_number,
        -dense_rank() over (order by {{ keys | join(', ') }}) as pooled_number
    from (select distinct app_id, platform, {{ keys | join(', ') }} from errors) as all_kinds

),

names as (

    select group_number, app_id, platform, {{ keys | join(', ') }}
    from kinds
    union all
    select distinct
        pooled_number as group_number,
        cast('(all)' as {{ dbt.type_string() }}) as app_id,
        cast('(all)' as {{ dbt.type_string() }}) as platform,
        {{ keys | join(', ') }}
    from kinds

),

pooled as (

    {% for number in ['group_number', 'pooled_number'] -%}
    select kinds.{{ number }}{{ ' as group_number' if number != 'group_number' }}, errors.as_of_step, errors.scored_step, errors.error_units
    from errors
    inner join kinds
        on
            {%- for key in ['app_id', 'platform'] + keys %}
            errors.{{ key }} = kinds.{{ key }}{{ ' and' if not loop.last }}
            {%- endfor %}
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

),

counts as (

    select group_number, as_of_step, scored_step, count(*) as error_count
    from pooled
    group by group_number, as_of_step, scored_step

),

newest as (

    select max(as_of_step) as as_of_step
    from {{ ref('int_ltv_estimates') }}

),

asked as (

    -- of dates as of which something was predicted, and of now
    select distinct group_number, as_of_step
    from (
        select group_number, as_of_step from counts
        union all
        select names.group_number, newest.as_of_step from names cross join newest
    ) as dates

),

offsets as (

    select cast(generated_number - 1 as bigint) as step_count
    from ({{ dbt.generate_series(_ltv_error_steps()) }}) as series

),

windows as (

    -- errors whose outcome was known by then, not long before
    select
        asked.group_number,
        asked.as_of_step,
        counts.scored_step,
        sum(counts.error_count) over (partition by asked.group_number, asked.as_of_step) as error_count,
        count(*) over (partition by asked.group_number, asked.as_of_step) as error_date_count
    from asked
    cross join offsets
    inner join counts
        on asked.group_number = counts.group_number and asked.as_of_step - offsets.step_count = counts.scored_step

),

known as (

    select
        windows.group_number,
        windows.as_of_step,
        cast(min(windows.error_count) as bigint) as error_count,
        min(windows.error_date_count) as error_date_count,
        {{ percentile('pooled.error_units', 0.1) }} as lower_error_units,
        {{ percentile('pooled.error_units', 0.9) }} as upper_error_units
    from windows
    inner join pooled
        on windows.group_number = pooled.group_number and windows.scored_step = pooled.scored_step
    where windows.error_count >= {{ _ltv_least_errors() }}
    group by windows.group_number, windows.as_of_step

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
        {{ _ltv_decimal('known.' ~ side ~ "_error_units * case when names.level = 'cohort' then 1 else " ~ wider ~ ' end', 9) }}
            as {{ side }}_error_units{{ ',' if not loop.last }}
        {%- endfor %}
    from known
    inner join names
        on known.group_number = names.group_number

)

select * from final
