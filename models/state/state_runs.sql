{{ config(full_refresh=false, meta={'filled_by': 'note_run'}) }}

-- filled at the end of each run
select
    cast(null as {{ dbt.type_string() }}) as invocation_id,
    cast(null as {{ dbt.type_string() }}) as node_id,
    cast(null as {{ dbt.type_string() }}) as command,
    cast(null as {{ dbt.type_string() }}) as status,
    cast(null as {{ dbt.type_string() }}) as message,
    cast(null as {{ dbt.type_timestamp() }}) as started_at,
    {{ as_decimal('null', 18, 3) }} as execution_seconds
from (select 1 as nothing) as no_rows
where 1 = 0
