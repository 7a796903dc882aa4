{{ config(materialized='tracked') }}
{%- set cohort = _cohort_columns() | reject('equalto', 'is_install_inferred') | list %}
{%- set horizons = var('ltv_horizons') | unique | sort %}
{%- set measures = ['d0_users', 'revenue_users', 'observed_revenue'] %}

with

points as (

    -- each cohort as it is now
    select
        {{ cohort | join(', ') }},
        day_n as observed_day_n,
        max(reached_date) over () as as_of_date
    from {{ ref('int_ltv_points') }}
    where is_newest

),

users as (

    -- all of a country's users, also those of whom nothing is known after the install
    select
        {% for key in cohort %}users.{{ key }}, {% endfor %}
        users.install_country,
        min(points.observed_day_n) as observed_day_n,
        min(points.as_of_date) as as_of_date,
        sum(milestones.is_d0_active) as d0_users,
        count(case when milestones.first_revenue_day_n <= points.observed_day_n then 1 end) as revenue_users
    from {{ ref('int_cohort_users') }} as users
    inner join points
        on {{ _same_cohort('users', 'points', but=['is_install_inferred']) }}
    left join {{ ref('int_user_milestones') }} as milestones
        on users.user_key = milestones.user_key
    group by {% for key in cohort %}users.{{ key }}, {% endfor %}users.install_country

),

revenues as (

    select
        {% for key in cohort %}cells.{{ key }}, {% endfor %}
        cells.install_country,
        sum(cells.ad_revenue + cells.iap_revenue) as observed_revenue
        {%- for horizon in horizons %},
        sum(case when cells.day_n <= {{ horizon }} then cells.ad_revenue + cells.iap_revenue else 0 end) as revenue_{{ horizon }}
        {%- endfor %}
    from {{ ref('int_cohort_cells') }} as cells
    inner join points
        on {{ _same_cohort('cells', 'points', but=['is_install_inferred']) }}
    where cells.day_n <= points.observed_day_n
    group by {% for key in cohort %}cells.{{ key }}, {% endfor %}cells.install_country

),

by_country as (

    select
        users.*,
        revenues.observed_revenue
        {%- for horizon in horizons %},
        revenues.revenue_{{ horizon }}
        {%- endfor %}
    from users
    left join revenues
        on
            {{ _same_cohort('users', 'revenues', but=['is_install_inferred']) }}
            and users.install_country = revenues.install_country

),

judged as (

    -- users with revenue of the 16 weeks from which a campaign is learnt: where they are too few, a country is one of the others
    select
        *,
        sum(case when {{ days_between('install_date', 'as_of_date') }} < {{ 4 * _ltv_step_days() }} then revenue_users end)
            over (partition by {{ cohort[:-1] | join(', ') }}, install_country) as recent_revenue_users
    from by_country

),

final as (

    select
        {{ cohort | join(', ') }},
        case when recent_revenue_users >= {{ _ltv_least_users() }} then install_country else '(other)' end as install_country,
        min(observed_day_n) as observed_day_n,
        min(as_of_date) as as_of_date,
        {%- for measure in measures[:-1] %}
        cast(sum(coalesce({{ measure }}, 0)) as bigint) as {{ measure }},
        {%- endfor %}
        {{ round_decimal('sum(coalesce(observed_revenue, 0))', 28, 9) }} as observed_revenue
        {%- for horizon in horizons %},
        {{ round_decimal('sum(coalesce(revenue_' ~ horizon ~ ', 0))', 28, 9) }} as revenue_{{ horizon }}
        {%- endfor %}
    from judged
    group by
        {{ cohort | join(', ') }},
        case when recent_revenue_users >= {{ _ltv_least_users() }} then install_country else '(other)' end

)

select * from final
