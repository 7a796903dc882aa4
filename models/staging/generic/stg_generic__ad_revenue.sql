{{ config(enabled='generic' in var('providers')) }}
{%- set raw = raw_input('generic', 'ad_revenue') -%}
{%- set unparsable -%}
    {{ unparsable_columns(
        raw, dates=['revenue_date'], timestamps=['updated_at', 'loaded_at'],
        decimals=['revenue', 'impressions']
    ) }}
{%- endset %}

with

raw_rows as (

    {{ raw_rows(raw, ids=['app_id'], times=['updated_at', 'loaded_at'], countries=['country']) }}

),

final as (

    select
        ---------- ids
        'generic' as provider,
        {{ usable_id(raw_text(raw, 'app_id')) }} as app_id,
        {{ canonical_platform(raw_text(raw, 'platform')) }} as platform,

        ---------- strings
        {{ raw_country(raw) }} as country,
        {{ raw_text(raw, 'ad_network') }} as ad_network,
        coalesce(upper({{ raw_text(raw, 'currency') }}), 'USD') as currency,

        ---------- numerics
        {{ raw_decimal(raw, 'revenue') }} as revenue,
        {{ raw_decimal(raw, 'impressions') }} as impressions,

        ---------- dates and timestamps
        {{ raw_date(raw, 'revenue_date') }} as revenue_date,
        {{ raw_timestamp(raw, 'updated_at') }} as updated_at,
        {{ raw_loaded_at(raw) }} as loaded_at,
        {{ raw_file_name(raw) }} as file_name,

        ---------- what did not fit
        {{ unparsable }} as unparsable_columns
    from raw_rows
    {{ join_countries(raw) }}

)

select * from final
