{{ config(materialized='tracked', full_refresh=false, meta={'filled_by': 'int_event_log'}) }}

-- filled by int_event_log, in the transaction that changes it
select
    cast(null as bigint) as change_seq,
    cast(null as bigint) as user_key,
    cast(null as {{ dbt.type_timestamp() }}) as event_at
from (select 1 as nothing) as no_rows
where 1 = 0
