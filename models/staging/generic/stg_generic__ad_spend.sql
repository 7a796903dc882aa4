{{ config(enabled='generic' in var('providers')) }}
{%- set raw = raw_input('generic', 'ad_spend') -%}
{%- set unparsable -%}
    {{ unparsable_columns(
        raw,
        dates=['spend_date'],
        timestamps=['updated_at', 'loaded_at'],
        decimals=['spend', 'impressions', 'clicks', 'reported_installs']
    ) }}
{%- endset %}

with

raw_rows as (

    {{ raw_rows(
        raw, ids=['app_id', 'campaign_id'], times=['updated_at', 'loaded_at'], countries=['country']
    ) }}

),

final as (

    select
        ---------- ids
        'generic' as provider,
        {{ usable_id(raw_text(raw, 'app_id')) }} as app_id,
        {{ canonical_platform(raw_text(raw, 'platform')) }} as platform,
        {#- who has no ids names campaigns, of installs as well: those are read as `campaign_id`, too #}
        coalesce({{ raw_text(raw, 'campaign_id') }}, {{ raw_text(raw, 'campaign_name') }}) as campaign_id,

        ---------- strings
        {{ raw_text(raw, 'campaign_name') }} as campaign_name,
        {{ raw_text(raw, 'channel') }} as channel,
        {{ raw_country(raw) }} as country,
        coalesce(upper({{ raw_text(raw, 'currency') }}), 'USD') as currency,

        ---------- numerics
        {{ raw_decimal(raw, 'spend') }} as spend,
        {{ raw_decimal(raw, 'impressions') }} as impressions,
        {{ raw_decimal(raw, 'clicks') }} as clicks,
        {{ raw_decimal(raw, 'reported_installs') }} as reported_installs,

        ---------- dates and timestamps
        {{ raw_date(raw, 'spend_date') }} as spend_date,
        {{ raw_timestamp(raw, 'updated_at') }} as updated_at,
        {{ raw_loaded_at(raw) }} as loaded_at,
        {{ raw_file_name(raw) }} as file_name,

        ---------- what did not fit
        {{ unparsable }} as unparsable_columns
    from raw_rows
    {{ join_countries(raw) }}

)

select * from final
