{{ config(materialized='ephemeral') }}
{%- set app = ['app_id', 'platform'] %}
{%- set before = 'partition by ' ~ app | join(', ') ~ ' order by as_of_step rows between ' %}

with

by_age as (

    select
        {{ app | join(', ') }},
        as_of_step,
        day_n,
        sum(revenue) as revenue,
        sum(session_count) as session_count,
        max(reached_date) as reached_date
    from {{ ref('int_ltv_points') }}
    group by {{ app | join(', ') }}, as_of_step, day_n

),

expected as (

    -- what the sessions of four weeks would have brought at what sessions of their age were worth in the twelve weeks before
    select
        {% for key in app %}by_age.{{ key }}, {% endfor %}
        by_age.as_of_step,
        by_age.day_n,
        min(by_age.revenue) as revenue,
        max(by_age.reached_date) as reached_date,
        {{ _ltv_decimal(
            as_double('min(by_age.session_count)') ~ ' * ' ~ as_double('sum(earlier.revenue)')
            ~ ' / ' ~ as_double('sum(earlier.session_count)'), 9
        ) }} as expected_revenue
    from by_age
    inner join by_age as earlier
        on
            {% for key in app %}by_age.{{ key }} = earlier.{{ key }} and {% endfor %}
            by_age.day_n = earlier.day_n
            and earlier.as_of_step between by_age.as_of_step - 3 and by_age.as_of_step - 1
    group by {% for key in app %}by_age.{{ key }}, {% endfor %}by_age.as_of_step, by_age.day_n
    having sum(earlier.session_count) > 0

),

compared as (

    select
        {{ app | join(', ') }},
        as_of_step,
        -- how many days of the four weeks are over
        28 - {{ days_between('max(reached_date)', _ltv_step_date('as_of_step')) }} as day_count,
        case
            when sum(revenue) > 0 and sum(expected_revenue) > 0
                then abs(ln({{ as_double('sum(revenue)') }} / {{ as_double('sum(expected_revenue)') }}))
        end as deviation
    from expected
    group by {{ app | join(', ') }}, as_of_step

),

judged as (

    select
        {{ app | join(', ') }},
        as_of_step,
        deviation,
        count(deviation) over ({{ before }} 13 preceding and 1 preceding) as earlier_count,
        -- fewer days deviate by more
        avg(deviation) over ({{ before }} 13 preceding and 1 preceding)
        * sqrt(28 / cast(day_count as {{ type_double() }})) as usual_deviation
    from compared

),

final as (

    -- of the four weeks or of those before, which are still most of what has been learnt
    select
        {{ app | join(', ') }},
        as_of_step,
        max(
            case when earlier_count >= 3 and deviation > ln(1.2) and deviation > 3 * usual_deviation then 1 else 0 end
        ) over ({{ before }} 1 preceding and current row) = 1 as is_changed
    from judged

)

select * from final
