{{ config(
    materialized='tracked',
    unique_key='event_note_id',
    meta={'built_after': ['int_exchange_rates']},
    **table_layout(keys=['provider', 'load_date'])
) }}
-- depends_on: {{ ref('state_changed_loads') }}
{%- set scope = rebuild_scope() %}
{%- do built_after('int_exchange_rates') %}
{%- do stale_rows(is_load_touched('$row.provider', '$row.load_date'), keeps_equal=false) %}

with

logged as (

    select provider, event_id, currency, revenue, noted_columns, raw_row, loaded_at
    from (
        select *
        from {{ ref('int_event_log') }}
        {{ where_load_touched(scope) }}
    ) as touched
    where event_status = 'accepted' and (noted_columns is not null or (revenue is not null and currency is not null))

),

noted as (

    {% for column in [
        'received_at', 'installed_at', 'revenue', 'ad_revenue_usd', 'duration_seconds', 'is_activity', 'is_reengagement'
    ] -%}
    select provider, '{{ column }}' as column_name, cast(null as {{ dbt.type_string() }}) as currency, event_id, raw_row, loaded_at
    from logged
    where ' ' || noted_columns like '% {{ column }} %'
    union all
    {% endfor -%}
    -- whether a currency has a rate is asked where the rates are
    select provider, 'currency' as column_name, currency, event_id, raw_row, loaded_at
    from logged
    where revenue is not null and currency is not null

),

final as (

    select
        ---------- ids
        {{ mart_key(['provider', 'load_date', 'column_name', 'currency']) }} as event_note_id,

        ---------- strings
        provider,
        column_name,
        currency,
        min(coalesce(substr(raw_row, 1, 300), event_id)) as example,

        ---------- numerics
        count(*) as row_count,

        ---------- dates
        load_date
    from (
        select *, cast(loaded_at as date) as load_date
        from noted
    ) as dated
    group by provider, column_name, currency, load_date

)

select * from final
