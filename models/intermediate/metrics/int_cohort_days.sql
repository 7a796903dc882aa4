{{ config(materialized='tracked') }}
{%- set cohort = _cohort_columns() %}
{%- set of_cells = ['active_users', 'session_count', 'app_open_count', 'ad_revenue', 'iap_revenue'] %}
{%- set of_users = {
    'last_seen_users': 'last_active_day_n', 'returned_users': 'first_return_day_n', 'new_revenue_users': 'first_revenue_day_n'
} %}

with

milestones as (

    -- users of a cohort with the same milestones are one row
    select
        {% for key in cohort %}users.{{ key }}, {% endfor %}
        {% for day_n in of_users.values() %}milestones.{{ day_n }}, {% endfor %}
        count(*) as user_count
    from {{ ref('int_user_milestones') }} as milestones
    inner join {{ ref('int_cohort_users') }} as users
        on milestones.user_key = users.user_key
    group by
        {% for key in cohort %}users.{{ key }}, {% endfor %}
        {% for day_n in of_users.values() %}milestones.{{ day_n }}{{ ', ' if not loop.last }}{% endfor %}

),

numbers as (

    {{ _rows_of(range(1, of_users | length + 1), 'number') }}

),

parts as (

    select
        {{ cohort | join(', ') }},
        day_n,
        {%- for measure in of_cells %}
        {{ measure }},
        {%- endfor %}
        {%- for measure in of_users %}
        0 as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_cohort_cells') }}
    union all
    select
        {{ cohort | join(', ') }},
        case numbers.number
            {%- for day_n in of_users.values() %}
            when {{ loop.index }} then milestones.{{ day_n }}
            {%- endfor %}
        end as day_n,
        {%- for measure in of_cells %}
        0 as {{ measure }},
        {%- endfor %}
        {%- for measure in of_users %}
        case when numbers.number = {{ loop.index }} then milestones.user_count else 0 end as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from milestones
    cross join numbers

),

final as (

    select
        {{ cohort | join(', ') }},
        day_n,
        {%- for measure in ['active_users'] + of_users | list + ['session_count', 'app_open_count'] %}
        cast(sum({{ measure }}) as bigint) as {{ measure }},
        {%- endfor %}
        sum(ad_revenue) as ad_revenue,
        sum(iap_revenue) as iap_revenue
    from parts
    where day_n is not null
    group by {{ cohort | join(', ') }}, day_n

)

select * from final
