select
    {{ _shown_event_columns() | join(',\n    ') }}
from {{ ref('int_event_log') }}
where event_status = 'duplicate'
