{#- Tests of one column, or of several columns of one row. -#}

{% test expect_column_values_to_be_between(
    model, column_name, min_value=None, max_value=None, row_condition=None, strictly=False
) %}
    {{ dbt_expectations._outside(
        model, column_name, min_value, max_value, none, row_condition, strictly
    ) }}
{% endtest %}


{% test expect_column_value_lengths_to_be_between(
    model, column_name, min_value=None, max_value=None, row_condition=None, strictly=False
) %}
    {{ dbt_expectations._outside(
        model, dbt.length(column_name) | trim, min_value, max_value, none, row_condition, strictly
    ) }}
{% endtest %}


{#- Unlike accepted_values, a null fails. -#}
{% test expect_column_values_to_be_in_set(
    model, column_name, value_set, quote_values=True, row_condition=None
) %}
with allowed as (
    {%- for value in value_set %}
    select
        {%- if quote_values %}
        cast('{{ value }}' as {{ dbt.type_string() }}) as allowed_value
        {%- else %}
        {{ value }} as allowed_value
        {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

found as (
    select {{ column_name }} as found_value
    from {{ model }}
    {%- if row_condition %}
    where {{ row_condition }}
    {%- endif %}
)

select found.found_value
from found
where not exists (
    select 1 from allowed where allowed.allowed_value = found.found_value
)
{% endtest %}


{% test expect_column_values_to_match_regex(
    model, column_name, regex, row_condition=None, is_raw=False, flags=""
) %}
    {{ dbt_expectations._breaches(
        model,
        dbt_expectations._regex_matches(column_name, regex, flags) ~ ' > 0',
        '= true',
        none,
        row_condition
    ) }}
{% endtest %}


{#- By the relation's catalog, not by its rows. A column that does not exist does not fail. -#}
{% test expect_column_values_to_be_of_type(model, column_name, column_type) %}
    {%- set wrong_types = [] -%}
    {%- for column in (adapter.get_columns_in_relation(model) if execute else []) -%}
        {%- if column.name | upper == column_name | upper
            and column.dtype | upper != column_type | upper -%}
            {%- do wrong_types.append(column.dtype) -%}
        {%- endif -%}
    {%- endfor %}
select *
from (
    select
        '{{ column_name }}' as column_name,
        '{{ wrong_types | join(", ") }}' as column_type
) as found
where {{ '1 = 1' if wrong_types else '1 = 0' }}
{% endtest %}


{% test expect_column_pair_values_A_to_be_greater_than_B(
    model, column_A, column_B, or_equal=False, row_condition=None
) %}
    {{ dbt_expectations._breaches(
        model,
        column_A ~ (' >= ' if or_equal else ' > ') ~ column_B,
        '= true',
        none,
        row_condition
    ) }}
{% endtest %}


{% test expect_compound_columns_to_be_unique(
    model,
    column_list,
    quote_columns=False,
    ignore_row_if="all_values_are_missing",
    row_condition=None
) %}
    {%- set any_or_all = {'all_values_are_missing': ' or ', 'any_value_is_missing': ' and '} -%}
    {%- if not column_list or ignore_row_if not in any_or_all -%}
        {{ exceptions.raise_compiler_error(
            "dbt_expectations: expect_compound_columns_to_be_unique needs a column_list, and an "
            ~ "ignore_row_if in " ~ any_or_all.keys() | join(', ') ~ ", got '"
            ~ ignore_row_if ~ "'"
        ) }}
    {%- endif -%}
    {%- set columns = [] -%}
    {%- for column in column_list -%}
        {%- do columns.append(adapter.quote(column) if quote_columns else column) -%}
    {%- endfor %}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
where
    {%- if row_condition %}
    {{ row_condition }} and
    {%- endif %}
    ({{ columns | join(' is not null' ~ any_or_all[ignore_row_if]) }} is not null)
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}


{% test expression_is_true(
    model, expression, test_condition="= true", group_by_columns=None, row_condition=None
) %}
    {{ dbt_expectations._breaches(
        model, expression, test_condition, group_by_columns, row_condition
    ) }}
{% endtest %}
