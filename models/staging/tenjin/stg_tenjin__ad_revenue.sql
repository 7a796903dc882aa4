{{ config(enabled='tenjin' in var('providers')) }}
{%- set raw = raw_input('tenjin', 'daily_ad_revenue') -%}
{%- set unparsable -%}
    {{ unparsable_columns(
        raw, dates=['date'], timestamps=['updated_at', 'loaded_at'],
        decimals=['revenue', 'impressions']
    ) }}
{%- endset %}

with

raw_rows as (

    {{ raw_rows(raw, ids=['publisher_app_id'], times=['updated_at', 'loaded_at'], countries=['country']) }}

),

revenue as (

    -- amounts come in US cents
    select
        {{ raw_text(raw, 'publisher_app_id') }} as publisher_app_id,
        {{ raw_country(raw) }} as country,
        {{ as_decimal(raw_decimal(raw, 'revenue') ~ ' * ' ~ as_decimal("'0.01'", 3, 2), 18, 6) }} as revenue,
        {{ raw_decimal(raw, 'impressions') }} as impressions,
        {{ raw_date(raw, 'date') }} as revenue_date,
        {{ raw_timestamp(raw, 'updated_at') }} as updated_at,
        {{ raw_loaded_at(raw) }} as loaded_at,
        {{ raw_file_name(raw) }} as file_name,
        {{ unparsable }} as unparsable_columns
    from raw_rows
    {{ join_countries(raw) }}

),

publishers as (

    {{ newest_rows('tenjin', 'publisher_apps') }}

),

networks as (

    {{ newest_rows('tenjin', 'ad_networks') }}

),

apps as (

    {{ newest_rows('tenjin', 'apps') }}

),

final as (

    select
        ---------- ids
        'tenjin' as provider,
        publishers.app_id,
        coalesce(apps.platform, 'other') as platform,

        ---------- strings
        revenue.country,
        coalesce(networks.ad_network, revenue.publisher_app_id) as ad_network,
        'USD' as currency,

        ---------- numerics
        revenue.revenue,
        revenue.impressions,

        ---------- dates and timestamps
        revenue.revenue_date,
        revenue.updated_at,
        revenue.loaded_at,
        revenue.file_name,

        ---------- what did not fit
        replace(revenue.unparsable_columns, 'date ', 'revenue_date ') as unparsable_columns
    from revenue
    left join publishers
        on revenue.publisher_app_id = publishers.publisher_app_id
    left join networks
        on publishers.ad_network_id = networks.ad_network_id
    left join apps
        on publishers.app_id = apps.app_id

)

select * from final
