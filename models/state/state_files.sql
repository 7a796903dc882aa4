{{ config(
    full_refresh=false, meta={'filled_by': 'its hook'}, post_hook="{{ take_in_files() }}"
) }}

-- filled by its hook: one row per file of the folders that are read, and one row that says what this database holds
-- depends_on: {{ ref('state_file_rows') }}
-- depends_on: {{ ref('column_aliases') }}
-- depends_on: {{ ref('erased_users') }}
select
    cast(null as {{ dbt.type_string() }}) as provider,
    cast(null as {{ dbt.type_string() }}) as feed,
    cast(null as {{ dbt.type_string() }}) as file_name,
    cast(null as bigint) as file_size,
    cast(null as {{ dbt.type_string() }}) as modified_at,
    cast(null as {{ dbt.type_string() }}) as status,
    cast(null as {{ dbt.type_string() }}) as reason,
    cast(null as {{ dbt.type_string() }}) as layout,
    cast(null as bigint) as row_count,
    cast(null as bigint) as rejected_count,
    cast(null as {{ dbt.type_timestamp() }}) as loaded_at
from (select 1 as nothing) as no_rows
where 1 = 0
