{{ config(materialized='incremental', full_refresh=false, meta={'filled_by': 'the reading of raw files'}) }}

-- filled while raw files are read (macros/cross_db/raw_files.sql): a row per file that was checked, without a line
-- number, and a row per line of it that cannot be read
select
    cast(null as {{ dbt.type_string() }}) as file_name,
    cast(null as bigint) as file_size,
    cast(null as {{ dbt.type_string() }}) as modified_at,
    cast(null as bigint) as line_number,
    cast(null as {{ dbt.type_string() }}) as line_text,
    cast(null as {{ dbt.type_string() }}) as error_message
from (select 1 as nothing) as nobody
where 1 = 0
