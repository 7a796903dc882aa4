{#- Ages at which curves are kept: every day at first, then ever fewer, and the horizons. -#}
{% macro _ltv_ages() %}
    {%- set steps = [
        0, 1, 2, 3, 4, 5, 6, 7, 9, 11, 14, 17, 21, 25, 30, 37, 45, 52, 60, 75, 90, 105, 120, 150, 180, 225, 270, 315, 365,
        450, 540, 630, 730, 910, 1095, 1460, 1825, 2555, 3650
    ] -%}
    {%- set greatest = var('ltv_horizons') | max -%}
    {%- set ages = [] -%}
    {%- for day_n in (steps + var('ltv_horizons')) | unique | sort if day_n <= greatest -%}{%- do ages.append(day_n) -%}{%- endfor -%}
    {{ return(ages) }}
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

{#- Name and column of each method, the default first. -#}
{% macro _ltv_methods() %}
    {{ return(['chain_ladder', 'session_curve', 'power_law', 'last_cohort', 'app_average']) }}
{% endmacro %}

{#- `numerator / denominator`, drawn to the parent's ratio as if `pull` more users had shown it. -#}
{% macro _ltv_shrunk(numerator, denominator, weight, parent, pull=100) -%}
    ({{ weight }} * coalesce({{ numerator }} / nullif({{ denominator }}, 0), {{ parent }}) + {{ pull }} * {{ parent }})
    / ({{ weight }} + {{ pull }})
{%- endmacro %}

{#-
    A relative error of like size for few users with revenue and for many: it falls with the root of their number, to a
    floor. Past errors are counted in it, and an interval is so many of it wide.
-#}
{% macro _ltv_error_unit(revenue_users) -%}
    sqrt(1.0 / greatest({{ as_double(revenue_users) }}, 1) + 1.0 / 400)
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
