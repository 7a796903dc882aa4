{{ config(materialized='tracked_view') }}
{%- set unit = ['app_id', 'platform', 'channel', 'campaign_id', 'horizon_day_n'] %}
{#- what comes of what -#}
{%- set rates = {
    'installs': ('installs', 'spend'), 'sessions': ('sessions', 'session_installs'), 'revenue': ('revenue', 'revenue_installs')
} %}

with

totals as (

    select
        *
        {%- for column in ['spend', 'installs', 'session_installs', 'sessions', 'revenue_installs', 'revenue'] %},
        {{ as_double('sum(' ~ column ~ ') over (partition by ' ~ unit | join(', ') ~ ')') }} as total_{{ column }}
        {%- endfor %}
    from {{ ref('int_budget_dates') }}

),

offs as (

    -- by how much a date is off the ratio of the sums; rounded, since a sum of doubles depends on its order
    select
        *
        {%- for rate, (top, below) in rates.items() %},
        {{ _ltv_decimal(
            'power(' ~ as_double(top) ~ ' - total_' ~ top ~ ' / nullif(total_' ~ below ~ ', 0) * ' ~ as_double(below) ~ ', 2)', 9
        ) }} as {{ rate }}_square
        {%- endfor %}
    from totals

),

summed as (

    select
        {{ unit | join(', ') }},
        max(last_date) as last_date,
        count(case when spend > 0 then 1 end) as spend_dates,
        sum(spend) as spend,
        sum(installs) as installs,
        sum(session_installs) as session_installs,
        sum(sessions) as sessions,
        sum(revenue_installs) as revenue_installs,
        sum(revenue) as revenue,
        sum(revenue_users) as revenue_users,
        max(null_reason) as prediction_null_reason
        {%- for rate, (top, below) in rates.items() %},
        {{ as_double('sum(' ~ rate ~ '_square)') }} * count({{ rate }}_square) / nullif(count({{ rate }}_square) - 1, 0)
            as {{ rate }}_variance
        {%- endfor %}
    from offs
    group by {{ unit | join(', ') }}

),

newest as (

    select max(as_of_step) as as_of_step
    from {{ ref('int_ltv_estimates') }}

),

methods as (

    -- past errors from day 7 on stand for those of cohorts of some days to four weeks
    select
        summed.*,
        newest.as_of_step,
        case when summed.horizon_day_n > 7 then 7 when summed.horizon_day_n > 3 then 3 else 0 end as scored_day_n,
        coalesce(defaults.method, '{{ _ltv_methods()[0] }}') as method
    from summed
    cross join newest
    left join {{ ref('int_ltv_defaults') }} as defaults
        on
            summed.app_id = defaults.app_id
            and summed.platform = defaults.platform
            and summed.horizon_day_n = defaults.horizon_day_n

),

final as (

    -- ratios, the variance of each as a share of its square, and how far predicted revenue may be off as a share of it
    select
        {% for key in unit %}methods.{{ key }}, {% endfor %}
        methods.last_date,
        methods.spend_dates,
        methods.spend,
        methods.installs,
        methods.session_installs,
        methods.revenue_installs,
        methods.prediction_null_reason,
        {%- for rate, (top, below) in rates.items() %}
        {{ as_double('methods.' ~ top) }} / nullif({{ as_double('methods.' ~ below) }}, 0) as {{ rate }}_rate,
        methods.{{ rate }}_variance / nullif(power({{ as_double('methods.' ~ top) }}, 2), 0) as {{ rate }}_variance,
        {%- endfor %}
        {%- for side in ['lower', 'upper'] %}
        coalesce(own.{{ side }}_error_units, pooled.{{ side }}_error_units) * {{ _ltv_error_unit('methods.revenue_users') }}
            as revenue_{{ side }}_share {{- ',' if not loop.last }}
        {%- endfor %}
    from methods
    {{ _ltv_join_intervals('methods', "'campaign'", 'scored_day_n') }}

)

select * from final
