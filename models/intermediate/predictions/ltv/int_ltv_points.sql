{{ config(materialized='tracked') }}
{%- set cohort = _cohort_columns() | reject('equalto', 'is_install_inferred') | list %}
{%- set same_cohort = _same_cohort('cohorts', 'days', but=['is_install_inferred']) %}
{%- set ages = _ltv_ages() %}
{%- set measures = ['revenue', 'session_count', 'active_days', 'revenue_users'] %}
{%- set in_order = 'partition by ' ~ cohort | join(', ') ~ ' order by day_n' %}
{%- set last_day = 0 if var('cohort_day_basis') == 'calendar' else 1 %}

with

cohorts as (

    -- a day N counts once the slowest of the providers' feeds is complete for it
    select
        {% for key in cohort %}users.{{ key }}, {% endfor %}
        {{ last_complete_date('min(' ~ _revenue_loaded_at('completeness') ~ ')', 'users.app_id') }} as complete_until
    from {{ ref('int_cohort_users') }} as users
    inner join {{ ref('int_feed_completeness') }} as completeness
        on users.provider = completeness.provider and users.app_id = completeness.app_id
    group by {% for key in cohort %}users.{{ key }}{{ ', ' if not loop.last }}{% endfor %}

),

days as (

    -- what came after one age, until the next one
    select
        {{ cohort | join(', ') }},
        case
            {%- for age in ages %}
            when day_n <= {{ age }} then {{ age }}
            {%- endfor %}
        end as day_n,
        sum(case when day_n = 0 then active_users else 0 end) as d0_users,
        sum(ad_revenue + iap_revenue) as revenue,
        sum(session_count) as session_count,
        sum(active_users) as active_days,
        sum(new_revenue_users) as revenue_users
    from {{ ref('int_cohort_days') }}
    where day_n <= {{ ages | max }}
    group by {{ range(1, cohort | length + 2) | join(', ') }}

),

ages as (

    {{ _ltv_age_rows() }}

),

reached as (

    select
        {% for key in cohort %}cohorts.{{ key }}, {% endfor %}
        ages.day_n,
        {{ _plus_days('cohorts.install_date', 'cast(ages.day_n as integer) + ' ~ last_day) }} as reached_date,
        days.d0_users,
        {%- for measure in measures %}
        coalesce(days.{{ measure }}, 0) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from cohorts
    inner join ages
        on {{ days_between('cohorts.install_date', 'cohorts.complete_until') }} >= ages.day_n + {{ last_day }}
    left join days
        on {{ same_cohort }} and ages.day_n = days.day_n

),

cumulated as (

    select
        {{ cohort | join(', ') }},
        day_n,
        reached_date,
        sum(d0_users) over ({{ in_order }} rows between unbounded preceding and current row) as d0_users,
        {%- for measure in measures %}
        {{ measure }},
        sum({{ measure }}) over ({{ in_order }} rows between unbounded preceding and current row)
            as cumulative_{{ measure }},
        {%- endfor %}
        lead(day_n) over ({{ in_order }}) as next_day_n
    from reached

),

final as (

    select
        {{ cohort | join(', ') }},
        cast(day_n as bigint) as day_n,
        reached_date,
        {{ _ltv_step('reached_date') }} as as_of_step,
        cast(coalesce(d0_users, 0) as bigint) as d0_users,
        {%- for measure in measures %}
        {%- set prefixes = ['', 'cumulative_'] %}
        {%- for prefix in prefixes %}
        {% if measure == 'revenue' -%}
        {{ round_decimal(prefix ~ measure, 28, 9) }} as {{ prefix }}{{ measure }},
        {%- else -%}
        cast({{ prefix }}{{ measure }} as bigint) as {{ prefix }}{{ measure }},
        {%- endif %}
        {%- endfor %}
        {%- endfor %}
        next_day_n is null as is_newest
    from cumulated

)

select * from final
