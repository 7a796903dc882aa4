{#
    Of a view that joins something to the rows of another, whose key, a number, is tested: each row is there once, so the key is one
    here, too, and all rows that fulfil the condition, and no others, have found something. Counts, and the sum of the keys, which
    differs where one row is lost and another doubled; to compare keys sorts all rows.
#}
{% test stays_unique(model, column_name, compare_model, found_column, compare_condition) %}

with

joined as (

    select
        count(*) as row_count,
        sum({{ as_decimal(column_name, 28, 0) }}) as key_sum,
        count({{ found_column }}) as found_count
    from {{ model }}

),

compared as (

    select
        count(*) as expected_row_count,
        sum({{ as_decimal(column_name, 28, 0) }}) as expected_key_sum,
        count(case when {{ compare_condition }} then 1 end) as expected_found_count
    from {{ compare_model }}

),

validation_errors as (

    select *
    from joined
    cross join compared
    where
        row_count <> expected_row_count
        or key_sum <> expected_key_sum
        or found_count <> expected_found_count

)

select * from validation_errors

{% endtest %}
