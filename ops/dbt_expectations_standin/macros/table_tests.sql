{#- Tests of a whole relation, of its aggregates, or of two relations. -#}

{% test expect_table_row_count_to_be_between(
    model, min_value=None, max_value=None, group_by=None, row_condition=None, strictly=False
) %}
    {{ dbt_expectations._outside(
        model, 'count(*)', min_value, max_value, group_by, row_condition, strictly
    ) }}
{% endtest %}


{% test expect_column_sum_to_be_between(
    model,
    column_name,
    min_value=None,
    max_value=None,
    group_by=None,
    row_condition=None,
    strictly=False
) %}
    {{ dbt_expectations._outside(
        model, 'sum(' ~ column_name ~ ')', min_value, max_value, group_by, row_condition, strictly
    ) }}
{% endtest %}


{% test expect_column_proportion_of_unique_values_to_be_between(
    model,
    column_name,
    min_value=None,
    max_value=None,
    group_by=None,
    row_condition=None,
    strictly=False
) %}
    {%- set proportion -%}
        cast(count(distinct {{ column_name }}) as {{ dbt.type_float() }}) / count({{ column_name }})
    {%- endset -%}
    {{ dbt_expectations._outside(
        model, proportion, min_value, max_value, group_by, row_condition, strictly
    ) }}
{% endtest %}


{% test expect_table_row_count_to_equal_other_table(
    model,
    compare_model,
    group_by=None,
    compare_group_by=None,
    factor=1,
    row_condition=None,
    compare_row_condition=None
) %}
    {{ dbt_expectations._differences(
        model, 'count(*)', compare_model, 'count(*) * ' ~ factor, group_by, compare_group_by,
        row_condition, compare_row_condition, 0.0, none
    ) }}
{% endtest %}


{% test expect_table_aggregation_to_equal_other_table(
    model,
    expression,
    compare_model,
    compare_expression=None,
    group_by=None,
    compare_group_by=None,
    row_condition=None,
    compare_row_condition=None,
    tolerance=0.0,
    tolerance_percent=None
) %}
    {{ dbt_expectations._differences(
        model, expression, compare_model, compare_expression, group_by, compare_group_by,
        row_condition, compare_row_condition, tolerance, tolerance_percent
    ) }}
{% endtest %}


{#- The newest row that is not in the future is no older than `interval` `datepart`s. -#}
{% test expect_row_values_to_have_recent_data(
    model, column_name, datepart, interval, row_condition=None
) %}
select newest_at
from (
    select max(cast({{ column_name }} as timestamp)) as newest_at
    from {{ model }}
    where
        cast({{ column_name }} as timestamp) <= {{ dbt_expectations._now() }}
        {%- if row_condition %}
        and {{ row_condition }}
        {%- endif %}
) as newest
where
    -- no row at all is a very old row
    coalesce(newest_at, cast('1970-01-01' as timestamp)) < cast(
        {{ dbt.dateadd(datepart, interval * -1, dbt_expectations._now()) }} as timestamp
    )
{% endtest %}
