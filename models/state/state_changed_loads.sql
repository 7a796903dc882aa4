{{ config(materialized='tracked', full_refresh=false, meta={'filled_by': 'int_event_log'}) }}

-- filled by int_event_log, in the transaction that changes it
select
    cast(null as bigint) as change_seq,
    cast(null as {{ dbt.type_string() }}) as provider,
    cast(null as date) as load_date
from (select 1 as nothing) as no_rows
where 1 = 0
