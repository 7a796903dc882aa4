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

known_countries as (

    select distinct country_code
    from {{ ref('country_codes') }}

),

logged as (

    select
        touched.provider, touched.event_id, touched.currency, touched.revenue, touched.noted_columns, touched.raw_row,
        touched.loaded_at,
        case when known_countries.country_code is null then touched.country end as unknown_country
    from (
        select *
        from {{ ref('int_event_log') }}
        {{ where_load_touched(scope) }}
    ) as touched
    left join known_countries
        on touched.country = known_countries.country_code
    where
        touched.event_status = 'accepted'
        and (
            touched.noted_columns is not null
            or (touched.revenue is not null and touched.currency is not null)
            or (touched.country is not null and known_countries.country_code is null)
        )

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
    union all
    -- kept as it is
    select
        provider, 'country' as column_name, cast(null as {{ dbt.type_string() }}) as currency, event_id,
        unknown_country as raw_row, loaded_at
    from logged
    where unknown_country is not null

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
