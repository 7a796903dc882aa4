{{ config(materialized='tracked', full_refresh=false, meta={'filled_by': 'the incremental models'}) }}

-- filled by the incremental models, each in the transaction that changes it
select
    cast(null as {{ dbt.type_string() }}) as model_name,
    cast(null as bigint) as consumed_seq,
    cast(null as bigint) as generation,
    cast(null as bigint) as upstream_generation,
    cast(null as {{ dbt.type_string() }}) as settings
from (select 1 as nothing) as nobody
where 1 = 0
