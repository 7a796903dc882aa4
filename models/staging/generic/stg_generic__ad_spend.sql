{{ config(enabled='generic' in var('providers')) }}
{%- set raw = raw_input('generic', 'ad_spend', required=['spend_date', 'app_id', 'spend']) -%}
{%- set unparsable -%}
    {{ unparsable_columns(
        raw,
        timestamps=['spend_date', 'updated_at'],
        decimals=['spend', 'impressions', 'clicks', 'reported_installs']
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
        {{ raw_text(raw, 'campaign_id') }} as campaign_id,

        ---------- strings
        {{ raw_text(raw, 'campaign_name') }} as campaign_name,
        {{ raw_text(raw, 'channel') }} as channel,
        {{ raw_text(raw, 'country') }} as country,
        coalesce(upper({{ raw_text(raw, 'currency') }}), 'USD') as currency,

        ---------- numerics
        {{ raw_decimal(raw, 'spend') }} as spend,
        {{ raw_decimal(raw, 'impressions') }} as impressions,
        {{ raw_decimal(raw, 'clicks') }} as clicks,
        {{ raw_decimal(raw, 'reported_installs') }} as reported_installs,

        ---------- dates and timestamps
        cast({{ raw_timestamp(raw, 'spend_date') }} as date) as spend_date,
        {{ raw_timestamp(raw, 'updated_at') }} as updated_at,
        {{ raw_timestamp(raw, 'loaded_at') }} as loaded_at,
        cast(null as {{ dbt.type_string() }}) as file_name,

        ---------- what did not fit
        {{ unparsable }} as unparsable_columns
    from raw_rows

)

select * from final
