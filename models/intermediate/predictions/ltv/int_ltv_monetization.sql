{{ config(materialized='tracked_view') }}
{%- set app = ['app_id', 'platform'] %}
{%- set before = 'partition by ' ~ app | join(', ') ~ ' order by week_number rows between ' %}
{%- set days = days_between("cast('2000-01-03' as date)", 'reached_date') %}

with

by_age as (

    -- four weeks are an as-of step; later ages are of several weeks
    select
        {{ app | join(', ') }},
        {{ whole_divide(days ~ ' + 6', 7) }} as week_number,
        day_n,
        sum(revenue) as revenue,
        sum(session_count) as session_count
    from {{ ref('int_ltv_points') }}
    where day_n <= 30
    group by {{ app | join(', ') }}, {{ whole_divide(days ~ ' + 6', 7) }}, day_n

),

weeks as (

    select
        *,
        min(week_number) over (partition by {{ app | join(', ') }}) as first_week,
        max(week_number) over () as last_week
    from by_age

),

offsets as (

    select cast(generated_number - 1 as bigint) as week_count
    from ({{ dbt.generate_series(6) }}) as series

),

compared as (

    -- two weeks, and the four before them
    select
        {% for key in app %}weeks.{{ key }}, {% endfor %}
        weeks.week_number + offsets.week_count as week_number,
        weeks.day_n
        {%- for measure in ['revenue', 'session_count'] %},
        sum(case when offsets.week_count < 2 then weeks.{{ measure }} else 0 end) as {{ measure }},
        sum(case when offsets.week_count >= 2 then weeks.{{ measure }} else 0 end) as earlier_{{ measure }}
        {%- endfor %}
    from weeks
    cross join offsets
    where weeks.week_number + offsets.week_count between weeks.first_week + 5 and weeks.last_week
    group by {% for key in app %}weeks.{{ key }}, {% endfor %}weeks.week_number + offsets.week_count, weeks.day_n

),

deviations as (

    -- what their sessions brought, over what sessions of the same age brought before
    select
        {{ app | join(', ') }},
        week_number,
        sum(revenue) as revenue,
        sum({{ _ltv_decimal(
            as_double('session_count') ~ ' * ' ~ as_double('earlier_revenue') ~ ' / ' ~ as_double('earlier_session_count'), 9
        ) }}) as expected_revenue
    from compared
    where earlier_session_count > 0
    group by {{ app | join(', ') }}, week_number

),

measured as (

    select
        {{ app | join(', ') }},
        week_number,
        case
            when revenue > 0 and expected_revenue > 0
                then abs(ln({{ as_double('revenue') }} / {{ as_double('expected_revenue') }}))
        end as deviation
    from deviations

),

judged as (

    -- a season moves every week a little, a change one of them by far
    select
        {{ app | join(', ') }},
        {{ whole_divide('week_number + 3', 4) }} as as_of_step,
        deviation,
        count(deviation) over ({{ before }} 27 preceding and 2 preceding) as earlier_count,
        avg(deviation) over ({{ before }} 27 preceding and 2 preceding) as usual_deviation
    from measured

),

by_step as (

    select
        {{ app | join(', ') }},
        as_of_step,
        max(case when earlier_count >= 12 and deviation > ln(1.2) and deviation > 4 * usual_deviation then 1 else 0 end) as is_changed
    from judged
    group by {{ app | join(', ') }}, as_of_step

),

final as (

    -- in the four weeks or in those before, which are still most of what has been learnt
    select
        {{ app | join(', ') }},
        cast(as_of_step as bigint) as as_of_step,
        max(is_changed) over (
            partition by {{ app | join(', ') }} order by as_of_step rows between 1 preceding and current row
        ) = 1 as is_changed
    from by_step

)

select * from final
