{#
    Of a view that joins something to the rows of another, whose key is tested: each row is there once, so the key is one here, too,
    and all rows that fulfil the condition, and no others, have found something. Two counts, where to compare keys sorts all rows.
#}
{% test stays_unique(model, column_name, compare_model, found_column, compare_condition) %}

with

joined as (

    select
        count(*) as row_count,
        count({{ column_name }}) as key_count,
        count({{ found_column }}) as found_count
    from {{ model }}

),

compared as (

    select
        count(*) as expected_row_count,
        count(case when {{ compare_condition }} then 1 end) as expected_found_count
    from {{ compare_model }}

),

validation_errors as (

    select *
    from joined
    cross join compared
    where
        row_count <> expected_row_count
        or key_count <> expected_row_count
        or found_count <> expected_found_count

)

select * from validation_errors

{% endtest %}
