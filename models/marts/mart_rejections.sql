select
    ---------- ids
    {{ mart_key(['provider', 'load_date', 'rejection_reason']) }} as rejection_id,

    ---------- strings
    provider,
    rejection_reason,

    ---------- numerics
    cast(row_count as bigint) as rejected_count,

    ---------- dates
    load_date
from {{ ref('int_event_loads') }}
where event_status = 'rejected'
