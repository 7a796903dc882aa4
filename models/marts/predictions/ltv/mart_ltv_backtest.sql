{{ config(**table_layout(keys=['app_id'])) }}
{%- set keys = ['as_of_date', 'app_id', 'platform', 'level', 'method', 'observed_day_n', 'horizon_day_n'] %}

with

errors as (

    select *
    from {{ ref('int_ltv_errors') }}

),

bounded as (

    select
        errors.*,
        coalesce(own.lower_error_units, pooled.lower_error_units) as lower_error_units,
        coalesce(own.upper_error_units, pooled.upper_error_units) as upper_error_units
    from errors
    {{ _ltv_join_intervals('errors', 'errors.level', 'observed_day_n') }}

),

judged as (

    -- an interval holds the prediction itself
    select
        *,
        abs(predicted_revenue - actual_revenue) as absolute_error,
        case when lower_error_units is not null and error_units is not null then 1 else 0 end as has_interval,
        case
            when error_units between lower_error_units and upper_error_units then 1
            when error_units between 0 and upper_error_units then 1
            when error_units between lower_error_units and 0 then 1
            else 0
        end as is_inside
    from bounded

),

summed as (

    select
        {{ keys | join(', ') }},
        count(*) as unit_count,
        count(predicted_revenue) as predicted_unit_count,
        sum(predicted_revenue) as predicted_revenue,
        sum(actual_revenue) as actual_revenue,
        sum(absolute_error) as absolute_error,
        sum(spend) as spend,
        sum(covered_spend) as covered_spend,
        sum(has_interval) as interval_unit_count,
        sum(has_interval * is_inside) as covered_unit_count
    from judged
    group by {{ keys | join(', ') }}

),

chosen as (

    select
        summed.*,
        summed.method = coalesce(defaults.method, '{{ _ltv_methods()[0] }}') as is_default_method
    from summed
    left join {{ ref('int_ltv_defaults') }} as defaults
        on
            summed.app_id = defaults.app_id
            and summed.platform = defaults.platform
            and summed.horizon_day_n = defaults.horizon_day_n

),

final as (

    select
        ---------- ids
        {{ mart_key(keys) }} as backtest_id,
        app_id,
        platform,

        ---------- strings
        level,
        method,
        {{ reporting_currency() }} as reporting_currency,

        ---------- numerics
        observed_day_n,
        horizon_day_n,
        {%- for column in ['unit_count', 'predicted_unit_count', 'interval_unit_count', 'covered_unit_count'] %}
        cast({{ column }} as bigint) as {{ column }},
        {%- endfor %}
        {%- for column in ['predicted_revenue', 'actual_revenue', 'absolute_error'] %}
        {{ as_decimal(column, 28, 9) }} as {{ column }},
        {%- endfor %}
        {{ as_decimal('spend', 28, 6) }} as spend,
        {{ as_decimal('covered_spend', 28, 6) }} as covered_spend,
        {{ safe_divide('absolute_error', 'actual_revenue') }} as wape,
        {{ safe_divide('predicted_revenue - actual_revenue', 'actual_revenue') }} as bias,
        {{ safe_divide('covered_unit_count', 'interval_unit_count') }} as interval_coverage,
        {{ safe_divide('covered_spend', 'spend') }} as covered_spend_share,

        ---------- booleans
        is_default_method,

        ---------- dates
        as_of_date
    from chosen

)

select * from final
