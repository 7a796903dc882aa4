{#- Shared bodies of the tests. Each selects the rows, or groups, that fail. -#}

{#- Where `expression` is not what `condition` asks for. Unknown (null) does not fail. -#}
{% macro _breaches(model, expression, condition, group_by, row_condition) %}
select *
from (
    select
        {%- for column in group_by or [] %}
        {{ column }} as group_{{ loop.index }},
        {%- endfor %}
        {{ expression }} as checked
    from {{ model }}
    {%- if row_condition %}
    where {{ row_condition }}
    {%- endif %}
    {%- if group_by %}
    group by {{ group_by | join(', ') }}
    {%- endif %}
) as candidates
where not (checked {{ condition }})
{% endmacro %}


{#- Where `value` lies outside its bounds; `strictly` makes the bounds themselves fail. -#}
{% macro _outside(model, value, min_value, max_value, group_by, row_condition, strictly) %}
    {%- if min_value is none and max_value is none -%}
        {{ exceptions.raise_compiler_error(
            "dbt_expectations: give min_value, max_value or both"
        ) }}
    {%- endif -%}
    {%- set bounds = [] -%}
    {%- if min_value is not none -%}
        {%- do bounds.append(value ~ (' > ' if strictly else ' >= ') ~ min_value) -%}
    {%- endif -%}
    {%- if max_value is not none -%}
        {%- do bounds.append(value ~ (' < ' if strictly else ' <= ') ~ max_value) -%}
    {%- endif -%}
    {{ dbt_expectations._breaches(
        model, '(' ~ bounds | join(' and ') ~ ')', '= true', group_by, row_condition
    ) }}
{% endmacro %}


{#-
Where an aggregate differs between two relations, group by group. A group that one side lacks
counts as 0 there; a null group matches nothing. A relative tolerance is relative to the left
side, and says nothing where that is 0 or null.
-#}
{% macro _differences(
    model, expression, compare_model, compare_expression, group_by, compare_group_by,
    row_condition, compare_row_condition, tolerance, tolerance_percent
) %}
with left_side as (
    {{ dbt_expectations._aggregate(model, expression, group_by, row_condition) }}
),

right_side as (
    {{ dbt_expectations._aggregate(
        compare_model,
        compare_expression or expression,
        compare_group_by or group_by,
        compare_row_condition or row_condition
    ) }}
),

compared as (
    select
        {%- for column in group_by or [] %}
        coalesce(left_side.group_{{ loop.index }}, right_side.group_{{ loop.index }})
            as group_{{ loop.index }},
        {%- endfor %}
        left_side.amount as amount,
        right_side.amount as compare_amount,
        abs(coalesce(left_side.amount, 0) - coalesce(right_side.amount, 0)) as difference
    from left_side
    {%- if group_by %}
    full outer join right_side
        on
        {%- for column in group_by %}
            left_side.group_{{ loop.index }} = right_side.group_{{ loop.index }}
            {%- if not loop.last %} and{% endif %}
        {%- endfor %}
    {%- else %}
    cross join right_side
    {%- endif %}
)

select *
from compared
where
    {%- if tolerance_percent %}
    difference / nullif(amount * 1.0, 0) > {{ tolerance_percent }}
    {%- else %}
    difference > {{ tolerance }}
    {%- endif %}
{% endmacro %}


{% macro _aggregate(model, expression, group_by, row_condition) %}
    select
        {%- for column in group_by or [] %}
        {{ column }} as group_{{ loop.index }},
        {%- endfor %}
        {{ expression }} as amount
    from {{ model }}
    {%- if row_condition %}
    where {{ row_condition }}
    {%- endif %}
    {%- if group_by %}
    group by {% for column in group_by %}{{ loop.index }}{{ ', ' if not loop.last }}{% endfor %}
    {%- endif %}
{% endmacro %}


{#- 1 or more where `value` matches, on each engine in its own way; flags as it knows them. -#}
{% macro _regex_matches(value, regex, flags) %}
    {{- return(adapter.dispatch('_regex_matches', 'dbt_expectations')(value, regex, flags)) -}}
{% endmacro %}

{% macro default___regex_matches(value, regex, flags) -%}
    regexp_instr({{ value }}, '{{ regex }}', 1, 1)
{%- endmacro %}

{% macro duckdb___regex_matches(value, regex, flags) -%}
    cast(regexp_matches({{ value }}, '{{ regex }}', '{{ flags }}') as integer)
{%- endmacro %}

{#- as in the real package a null does not match here, where on DuckDB it passes -#}
{% macro postgres___regex_matches(value, regex, flags) -%}
    (select count(*) from regexp_matches({{ value }}, '{{ regex }}', '{{ flags }}'))
{%- endmacro %}

{% macro spark___regex_matches(value, regex, flags) -%}
    length(regexp_extract({{ value }}, '{{ regex }}', 0))
{%- endmacro %}


{#- The wall clock in the time zone of var 'dbt_date:time_zone', without a zone. -#}
{% macro _now() %}
    {{- return(adapter.dispatch('_now', 'dbt_expectations')()) -}}
{% endmacro %}

{% macro default___now() -%}
    cast(current_timestamp at time zone '{{ var("dbt_date:time_zone") }}' as timestamp)
{%- endmacro %}

{% macro spark___now() -%}
    from_utc_timestamp(
        to_utc_timestamp(current_timestamp(), current_timezone()),
        '{{ var("dbt_date:time_zone") }}'
    )
{%- endmacro %}
