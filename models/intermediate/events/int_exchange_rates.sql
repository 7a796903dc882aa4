{{ config(
    materialized='tracked',
    unique_key=['currency', 'valid_from'],
    meta={'handles': ['exchange_rates'], 'built_after': ['int_event_log'], 'notes_changes': true}
) }}
{%- do rebuild_scope() %}
{%- do stale_rows('1 = 1') %}
{%- do notes_new_prices('int_event_log') %}

-- a rate holds until the next one of its currency; the first holds for all time before
select
    currency,
    usd_per_unit,
    case
        when lag(valid_from) over (partition by currency order by valid_from) is not null
            then valid_from
        else cast('0001-01-01' as date)
    end as valid_from,
    coalesce(lead(valid_from) over (partition by currency order by valid_from), cast('9999-12-31' as date))
        as valid_until
from {{ ref('exchange_rates') }}
