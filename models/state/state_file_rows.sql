{{ config(full_refresh=false, meta={'filled_by': 'state_files'}) }}

-- filled by state_files: lines that cannot be read, of any file; and of feeds that are no events, all rows
select
    cast(null as {{ dbt.type_string() }}) as provider,
    cast(null as {{ dbt.type_string() }}) as feed,
    cast(null as {{ dbt.type_string() }}) as file_name,
    cast(null as bigint) as line_number,
    cast(null as {{ dbt.type_string() }}) as raw_row,
    cast(null as {{ dbt.type_string() }}) as unreadable_line,
    cast(null as {{ dbt.type_string() }}) as error_message
from (select 1 as nothing) as no_rows
where 1 = 0
