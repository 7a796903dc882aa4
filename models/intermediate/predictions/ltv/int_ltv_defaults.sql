{{ config(materialized='tracked_view') }}
{%- set keys = ['app_id', 'platform', 'horizon_day_n'] %}
{%- set methods = _ltv_methods()[:3] %}

with

errors as (

    -- of campaigns, from all dates and observed days
    select
        {{ keys | join(', ') }},
        method,
        {{ safe_divide('sum(abs(predicted_revenue - actual_revenue))', 'sum(actual_revenue)') }} as wape
    from {{ ref('int_ltv_errors') }}
    where
        level = 'campaign'
        and method in ('{{ methods | join("', '") }}')
        and predicted_revenue is not null
    group by {{ keys | join(', ') }}, method
    having sum(actual_revenue) > 0 and count(*) >= {{ _ltv_least_errors() }}

),

ranked as (

    select
        {{ keys | join(', ') }},
        method,
        row_number() over (
            partition by {{ keys | join(', ') }}
            order by wape, case method{% for method in methods %} when '{{ method }}' then {{ loop.index }}{% endfor %} end
        ) as place
    from errors

),

final as (

    select
        {{ keys | join(', ') }},
        method
    from ranked
    where place = 1

)

select * from final
