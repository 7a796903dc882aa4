{{ config(materialized='tracked', full_refresh=false, meta={'filled_by': 'the incremental models'}) }}

-- filled by the incremental models, each in the transaction that changes it; state_runs is made wherever it is
-- depends_on: {{ ref('state_runs') }}
select
    cast(null as {{ dbt.type_string() }}) as model_name,
    cast(null as bigint) as last_change_seq,
    cast(null as bigint) as rebuild_count,
    cast(null as bigint) as upstream_rebuild_count,
    cast(null as {{ dbt.type_string() }}) as built_from
from (select 1 as nothing) as no_rows
where 1 = 0
