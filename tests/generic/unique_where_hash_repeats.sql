{% test unique_where_hash_repeats(model, column_list, hash_column) %}

with

-- rows that agree in the columns agree in their hash: only these can repeat
repeated_hashes as (

    select {{ hash_column }}
    from {{ model }}
    group by {{ hash_column }}
    having count(*) > 1

),

validation_errors as (

    select
        {{ column_list | join(', ') }},
        count(*) as row_count
    from {{ model }}
    where {{ hash_column }} in (select {{ hash_column }} from repeated_hashes)
    group by {{ column_list | join(', ') }}
    having count(*) > 1

)

select * from validation_errors

{% endtest %}
