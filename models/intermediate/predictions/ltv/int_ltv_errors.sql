{{ config(materialized='tracked') }}
{%- set cohort = _cohort_columns() | reject('equalto', 'is_install_inferred') | list %}
{%- set levels = {'app': 2, 'channel': 3, 'campaign': 4, 'cohort': 5} %}
{%- set methods = _ltv_methods() %}

with

spend as (

    select app_id, platform, channel, campaign_id, spend_date, spend
    from {{ ref('int_cohort_spend') }}

),

scored as (

    select
        estimates.*,
        coalesce(spend.spend, 0) as spend
    from {{ ref('int_ltv_estimates') }} as estimates
    left join spend
        on
            {{ _same_cohort('estimates', 'spend', but=['install_date', 'is_install_inferred']) }}
            and estimates.install_date = spend.spend_date
    where not estimates.is_current and estimates.actual_revenue is not null

),

units as (

    -- what is predicted and scored as one: a cohort, or all cohorts of a campaign, channel or app that reached the age in one step
    {% for level, key_count in levels.items() -%}
    select
        '{{ level }}' as level,
        as_of_step,
        as_of_date,
        {%- for key in cohort %}
        {{ key if loop.index <= key_count else 'cast(null as ' ~ ('date' if loop.last else dbt.type_string()) ~ ') as ' ~ key }},
        {%- endfor %}
        observed_day_n,
        horizon_day_n,
        {%- if level == 'cohort' %}
        spend
        {%- else %}
        sum(spend) as spend
        {%- endif %}
        {%- for method in methods %}
        {%- for name, value in {
            method ~ '_revenue': method ~ '_revenue',
            method ~ '_actual': 'case when ' ~ method ~ '_revenue is not null then actual_revenue end',
            method ~ '_users': 'case when ' ~ method ~ '_revenue is not null then revenue_users end',
            method ~ '_spend': 'case when ' ~ method ~ '_revenue is not null then spend end'
        }.items() %},
        {{ value if level == 'cohort' else 'sum(' ~ value ~ ')' }} as {{ name }}
        {%- endfor %}
        {%- endfor %}
    from scored
    {%- if level != 'cohort' %}
    group by as_of_step, as_of_date, {{ cohort[:key_count] | join(', ') }}, observed_day_n, horizon_day_n
    {%- endif %}
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

),

by_method as (

    {% for method in methods -%}
    select
        {{ (['level', 'as_of_step', 'as_of_date'] + cohort + ['observed_day_n', 'horizon_day_n', 'spend']) | join(', ') }},
        '{{ method }}' as method,
        {{ method }}_revenue as revenue,
        {{ method }}_actual as actual,
        {{ method }}_users as users,
        {{ method }}_spend as covered_spend
    from units
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

),

final as (

    select
        cast(level as {{ dbt.type_string() }}) as level,
        cast(method as {{ dbt.type_string() }}) as method,
        as_of_step,
        as_of_date,
        {{ cohort | join(', ') }},
        observed_day_n,
        horizon_day_n,
        {{ as_decimal('revenue', 28, 9) }} as predicted_revenue,
        {{ as_decimal('actual', 28, 9) }} as actual_revenue,
        {{ as_decimal('spend', 28, 6) }} as spend,
        {{ as_decimal('covered_spend', 28, 6) }} as covered_spend,
        -- in errors that are as likely for few users as for many
        {{ _ltv_decimal(
            '(' ~ as_double('actual - revenue') ~ ' / nullif(' ~ as_double('revenue') ~ ' * ' ~ _ltv_error_unit('users') ~ ', 0))', 9
        ) }} as error_units
    from by_method

)

select * from final
