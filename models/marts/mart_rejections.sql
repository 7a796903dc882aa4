with

refused as (

    select
        provider,
        'events' as feed,
        'row_refused' as kind,
        rejection_reason,
        row_count,
        example,
        load_date
    from {{ ref('int_event_loads') }}
    where event_status = 'rejected'

),

noted as (

    select
        provider,
        'events' as feed,
        'value_set_to_null' as kind,
        'invalid_' || column_name as rejection_reason,
        row_count,
        example,
        load_date
    from {{ ref('int_event_notes') }}

),

everything as (

    select * from refused
    union all
    select * from noted

),

final as (

    select
        ---------- ids
        {{ mart_key(['provider', 'feed', 'load_date', 'kind', 'rejection_reason']) }} as rejection_id,

        ---------- strings
        provider,
        feed,
        kind,
        rejection_reason,
        example,

        ---------- numerics
        cast(row_count as bigint) as row_count,

        ---------- dates
        load_date
    from everything

)

select * from final
