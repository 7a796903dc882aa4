select
    {{ _shown_event_columns() | join(',\n    ') }},
    rejection_reason,
    unparsable_columns,
    raw_row
from {{ ref('int_event_log') }}
where event_status = 'rejected'
