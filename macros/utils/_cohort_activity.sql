{#-
    CTEs up to `valued`: what each of the `cohorts` did on each day N with activity, and had done by then, and how many
    days later the next one is. Day 0 is always there.
-#}
{% macro _cohort_activity(counts, revenues, greatest_day_n) -%}
{%- set so_far = 'over (partition by cohort_key order by day_n rows between unbounded preceding and current row)' -%}
active_days as (

    -- days with activity, and day 0 of every cohort
    select
        cohorts.cohort_key,
        cohort_days.day_n,
        {% for measure in counts + revenues %}cohort_days.{{ measure }}{{ ', ' if not loop.last }}{% endfor %}
    from {{ ref('int_cohort_days') }} as cohort_days
    inner join cohorts
        on {{ _same_cohort('cohort_days', 'cohorts') }}
    union all
    select
        cohorts.cohort_key,
        0 as day_n,
        {% for measure in counts + revenues %}0 as {{ measure }}{{ ', ' if not loop.last }}{% endfor %}
    from cohorts
    left join {{ ref('int_cohort_days') }} as cohort_days
        on {{ _same_cohort('cohort_days', 'cohorts') }} and cohort_days.day_n = 0
    where cohort_days.day_n is null

),

cumulated as (

    select
        *,
        coalesce(lead(day_n) over (partition by cohort_key order by day_n), {{ greatest_day_n + 1 }}) as next_day_n,
        sum(case when day_n = 0 then active_users else 0 end) {{ so_far }} as d0_users,
        {%- for measure in ['session_count', 'app_open_count'] + revenues %}
        sum({{ measure }}) {{ so_far }} as cumulative_{{ measure }},
        {%- endfor %}
        sum(returned_users) {{ so_far }} as bracket_users,
        -- seen after this day: all but those seen for the last time by it
        sum(last_seen_users) over (partition by cohort_key) - sum(last_seen_users) {{ so_far }} as seen_later_users
    from active_days

),

rounded as (

    select
        cohort_key,
        day_n,
        least(next_day_n, {{ greatest_day_n + 1 }}) - day_n as day_count,
        {%- for measure in counts + [
            'd0_users', 'cumulative_session_count', 'cumulative_app_open_count', 'bracket_users', 'seen_later_users'
        ] %}
        cast({{ measure }} as bigint) as {{ measure }},
        {%- endfor %}
        {%- for measure in _cohort_measures()['revenues'] %}
        {{ round_decimal(measure, 28, 9 if 'ad_' in measure else 6) }} as {{ measure }},
        {%- endfor %}
        cumulative_ad_revenue + cumulative_iap_revenue as exact_revenue
    from cumulated
    where day_n <= {{ greatest_day_n }}

),

valued as (

    -- most often rounding changes nothing, and a decimal with fewer places converts faster
    select
        *,
        case
            when exact_revenue = cumulative_ad_revenue + cumulative_iap_revenue
                then {{ safe_divide('cumulative_ad_revenue + cumulative_iap_revenue', 'd0_users') }}
            else {{ safe_divide('exact_revenue', 'd0_users') }}
        end as ltv
    from rounded

),
{%- endmacro %}
