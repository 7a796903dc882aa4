{{ config(enabled='tenjin' in var('providers')) }}
{%- set raw = raw_input('tenjin', 'daily_spend') -%}
{%- set unparsable -%}
    {{ unparsable_columns(
        raw, dates=['date'], timestamps=['updated_at', 'loaded_at'],
        decimals=['spend', 'impressions', 'clicks', 'installs']
    ) }}
{%- endset %}

with

raw_rows as (

    {{ raw_rows(raw, ids=['campaign_id'], times=['updated_at', 'loaded_at']) }}

),

spend as (

    -- amounts come in US cents
    select
        {{ raw_text(raw, 'campaign_id') }} as campaign_id,
        {{ as_decimal(raw_decimal(raw, 'spend') ~ ' * ' ~ as_decimal("'0.01'", 3, 2), 18, 6) }} as spend,
        {{ raw_decimal(raw, 'impressions') }} as impressions,
        {{ raw_decimal(raw, 'clicks') }} as clicks,
        {{ raw_decimal(raw, 'installs') }} as reported_installs,
        {{ raw_date(raw, 'date') }} as spend_date,
        {{ raw_timestamp(raw, 'updated_at') }} as updated_at,
        {{ raw_loaded_at(raw) }} as loaded_at,
        {{ raw_file_name(raw) }} as file_name,
        {{ unparsable }} as unparsable_columns
    from raw_rows

),

campaigns as (

    {{ newest_rows('tenjin', 'campaigns') }}

),

apps as (

    {{ newest_rows('tenjin', 'apps') }}

),

final as (

    select
        ---------- ids
        'tenjin' as provider,
        campaigns.app_id,
        coalesce(apps.platform, 'other') as platform,
        spend.campaign_id,

        ---------- strings
        campaigns.campaign_name,
        campaigns.channel,
        cast(null as {{ dbt.type_string() }}) as country,
        'USD' as currency,

        ---------- numerics
        spend.spend,
        spend.impressions,
        spend.clicks,
        spend.reported_installs,

        ---------- dates and timestamps
        spend.spend_date,
        spend.updated_at,
        spend.loaded_at,
        spend.file_name,

        ---------- what did not fit, under the canonical names
        replace(
            replace(spend.unparsable_columns, 'installs ', 'reported_installs '), 'date ', 'spend_date '
        ) as unparsable_columns
    from spend
    left join campaigns
        on spend.campaign_id = campaigns.campaign_id
    left join apps
        on campaigns.app_id = apps.app_id

)

select * from final
