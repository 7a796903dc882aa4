{{ config(enabled='generic' in var('providers')) }}
{%- set raw = raw_input('generic', 'ad_revenue', required=['revenue_date', 'app_id', 'revenue']) -%}
{%- set unparsable -%}
    {{ unparsable_columns(
        raw, timestamps=['revenue_date', 'updated_at'], decimals=['revenue', 'impressions']
    ) }}
{%- endset %}

with

raw_rows as (

    {{ raw.sql }}

),

final as (

    select
        ---------- ids
        'generic' as provider,
        {{ raw_text(raw, 'app_id') }} as app_id,
        {{ canonical_platform(raw_text(raw, 'platform')) }} as platform,

        ---------- strings
        {{ raw_text(raw, 'country') }} as country,
        {{ raw_text(raw, 'ad_network') }} as ad_network,
        coalesce(upper({{ raw_text(raw, 'currency') }}), 'USD') as currency,

        ---------- numerics
        {{ raw_decimal(raw, 'revenue') }} as revenue,
        {{ raw_decimal(raw, 'impressions') }} as impressions,

        ---------- dates and timestamps
        cast({{ raw_timestamp(raw, 'revenue_date') }} as date) as revenue_date,
        {{ raw_timestamp(raw, 'updated_at') }} as updated_at,
        {{ raw_timestamp(raw, 'loaded_at') }} as loaded_at,
        cast(null as {{ dbt.type_string() }}) as file_name,

        ---------- what did not fit
        {{ unparsable }} as unparsable_columns
    from raw_rows

)

select * from final
