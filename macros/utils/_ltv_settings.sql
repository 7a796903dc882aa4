{#- Ages at which curves are kept: every day at first, then ever fewer, and the horizons. -#}
{% macro _ltv_ages() %}
    {%- do _check_days('ltv_horizons', 1) -%}
    {%- set steps = [
        0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 14, 17, 21, 25, 30, 37, 45, 52, 60, 75, 90, 105, 120, 150, 180, 225, 270, 315, 365,
        450, 540, 630, 730, 910, 1095, 1460, 1825, 2555, 3650
    ] -%}
    {%- set greatest = var('ltv_horizons') | max -%}
    {%- set ages = [] -%}
    {%- for day_n in (steps + var('ltv_horizons')) | unique | sort if day_n <= greatest -%}{%- do ages.append(day_n) -%}{%- endfor -%}
    {{ return(ages) }}
{% endmacro %}

{#- A row for each of them: its number, the days since the age before, and the logarithm of the day in their middle. -#}
{% macro _ltv_age_rows() -%}
    {%- set ages = _ltv_ages() -%}
    {%- for age in ages %}
    {%- set before = ages[loop.index0 - 1] if loop.index0 else -1 %}
    select
        cast({{ age }} as bigint) as day_n,
        {{ loop.index }} as age_number,
        {{ age - before }} as day_count,
        {{ as_double('ln(' ~ (age + before + 2) / 2 ~ ')') }} as log_day
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- What one age adds: numerator, denominator, and the users who show it; {} stands for the level. -#}
{% macro _ltv_rates() %}
    {{ return({
        'revenue_growth': ('{}_cumulative_revenue', '({0}_cumulative_revenue - {0}_revenue)', '{}_earlier_revenue_users'),
        'revenue_per_user': ('{}_revenue', '{}_d0_users', '{}_cumulative_revenue_users'),
        'session_growth': ('{}_cumulative_session_count', '({0}_cumulative_session_count - {0}_session_count)', '{}_d0_users'),
        'revenue_per_session': ('{}_revenue', '{}_session_count', '{}_cumulative_revenue_users'),
        'active_share': ('{}_active_days', '({}_d0_users * day_count)', '{}_d0_users'),
        'revenue_per_active_day': ('{}_all_revenue', '{}_all_active_days', '{}_all_earlier_revenue_users')
    }) }}
{% endmacro %}

{#- Ages from which past predictions are scored. -#}
{% macro _ltv_scored_ages() %}
    {{ return([0, 3, 7, 14, 30, 90]) }}
{% endmacro %}

{#- As-of dates are so many days apart, counted from a fixed Monday: more data move none of them. -#}
{% macro _ltv_step_days() %}{{ return(28) }}{% endmacro %}

{#- Number of the first as-of date that is not before a date. -#}
{% macro _ltv_step(date) -%}
    cast({{ whole_divide(
        days_between("cast('2000-01-03' as date)", date) ~ ' + ' ~ (_ltv_step_days() - 1), _ltv_step_days()
    ) }} as bigint)
{%- endmacro %}

{#- The as-of date of a number. -#}
{% macro _ltv_step_date(step) -%}
    {{ _plus_days("cast('2000-01-03' as date)", 'cast(' ~ step ~ ' * ' ~ _ltv_step_days() ~ ' as integer)') }}
{%- endmacro %}

{#- Name and column of each method, the default first. -#}
{% macro _ltv_methods() %}
    {{ return(['chain_ladder', 'session_curve', 'power_law', 'last_cohort', 'app_average']) }}
{% endmacro %}

{#- `numerator / denominator`, drawn to the parent's ratio as if 100 more users had shown it. -#}
{% macro _ltv_shrunk(numerator, denominator, weight, parent) -%}
    ({{ weight }} * coalesce({{ numerator }} / nullif({{ denominator }}, 0), {{ parent }}) + 100 * {{ parent }})
    / ({{ weight }} + 100)
{%- endmacro %}

{#-
    A relative error of like size for few users with revenue and for many: it falls with the root of their number, to a
    floor. Past errors are counted in it, and an interval is so many of it wide.
-#}
{% macro _ltv_error_unit(revenue_users) -%}
    sqrt(1 / greatest({{ as_double(revenue_users) }}, 1) + 0.0025)
{%- endmacro %}

{#- So many past errors make an interval, of so many steps. -#}
{% macro _ltv_least_errors() %}{{ return(20) }}{% endmacro %}
{% macro _ltv_error_steps() %}{{ return(6) }}{% endmacro %}

{#- How many steps it takes until a prediction can be scored. -#}
{% macro _ltv_steps_to_score() -%}
    {{ whole_divide('horizon_day_n - observed_day_n + ' ~ (_ltv_step_days() - 1), _ltv_step_days()) }}
{%- endmacro %}

{#- Fewer users with revenue than this tell nothing. -#}
{% macro _ltv_least_users() %}{{ return(30) }}{% endmacro %}

{#- A double as a decimal; null where it is too large to be one, which nothing sensible is. -#}
{% macro _ltv_decimal(expression, scale) -%}
    case when abs({{ expression }}) < 1e{{ 27 - scale }} then {{ as_decimal(expression, 28, scale) }} end
{%- endmacro %}

{#- Joins the intervals known at a row's as-of date: `own` of its app, `pooled` of all apps where that has too few errors. -#}
{% macro _ltv_join_intervals(row, level, observed_day_n) -%}
    {%- for name, app_id, platform in [
        ('own', row ~ '.app_id', row ~ '.platform'), ('pooled', "'(all)'", "'(all)'")
    ] %}
    left join {{ ref('int_ltv_intervals') }} as {{ name }}
        on
            {{ name }}.app_id = {{ app_id }}
            and {{ name }}.platform = {{ platform }}
            and {{ name }}.level = {{ level }}
            and {{ name }}.method = {{ row }}.method
            and {{ name }}.observed_day_n = {{ row }}.{{ observed_day_n }}
            and {{ name }}.horizon_day_n = {{ row }}.horizon_day_n
            and {{ name }}.as_of_step = {{ row }}.as_of_step
    {%- endfor %}
{%- endmacro %}

{#-
    Selects `rows` with the interval of `predicted_revenue`. It holds the prediction, and what has been earned already is the
    least that will be.
-#}
{% macro _with_ltv_interval(rows) -%}
    select
        *,
        case
            when is_observed or lower_revenue > predicted_revenue then predicted_revenue
            when lower_revenue < observed_revenue and observed_revenue <= predicted_revenue then observed_revenue
            else {{ _ltv_decimal('lower_revenue', 9) }}
        end as predicted_revenue_lower,
        case
            when is_observed or upper_revenue < predicted_revenue then predicted_revenue
            else {{ _ltv_decimal('upper_revenue', 9) }}
        end as predicted_revenue_upper
    from (
        select
            *,
            {%- for side in ['lower', 'upper'] %}
            {{ as_double('predicted_revenue') }} * (1 + {{ side }}_error_units * {{ _ltv_error_unit('revenue_users') }})
                as {{ side }}_revenue{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ rows }}
    ) as bounded
{%- endmacro %}
