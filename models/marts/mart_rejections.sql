{{ config(meta={'handles': ['exchange_rates']}) }}
{#- a text in the SQL: another rate of a known currency changes nothing here #}
{%- set currencies = known_currencies() %}

with

refused as (

    select
        provider,
        'events' as feed,
        case when event_status = 'left_out' then 'row_left_out' else 'row_refused' end as kind,
        rejection_reason,
        cast(null as {{ dbt.type_string() }}) as column_name,
        row_count,
        example,
        load_date
    from {{ ref('int_event_loads') }}
    where event_status in ('rejected', 'left_out')

),

noted as (

    select
        provider,
        'events' as feed,
        case when column_name = 'country' then 'value_kept' else 'value_set_to_null' end as kind,
        case when column_name = 'country' then 'unknown_country' else 'invalid_' || column_name end as rejection_reason,
        column_name,
        row_count,
        example,
        load_date
    from {{ ref('int_event_notes') }}
    where column_name <> 'currency'

),

without_rate as (

    -- money that no rate can bring into the reporting currency
    select
        provider,
        'events' as feed,
        'value_set_to_null' as kind,
        'unknown_currency' as rejection_reason,
        'revenue' as column_name,
        sum(row_count) as row_count,
        min(example) as example,
        load_date
    from {{ ref('int_event_notes') }}
    where column_name = 'currency' and currency not in ({{ currencies }})
    group by provider, load_date

),

outcomes as (

    {% for source in ['refused', 'noted', 'without_rate'] -%}
    select provider, feed, kind, rejection_reason, column_name, row_count, example, load_date from {{ source }}
    union all
    {% endfor -%}
    select provider, feed, kind, reason, column_name, row_count, example, load_date
    from {{ ref('int_feed_rejections') }}

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
        column_name,
        example,

        ---------- numerics
        cast(row_count as bigint) as row_count,

        ---------- dates
        load_date
    from outcomes

)

select * from final
