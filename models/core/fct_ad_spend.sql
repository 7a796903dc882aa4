{{ config(**table_layout(date='spend_date', keys=['app_id', 'campaign_id'])) }}
{%- set reports = _reports('ad_spend') %}
{%- set located = 'located_' if reports %}
with

counted as (

    -- the newest publication of each key, which is told in the feed's own words; then networks get one name each
    select
        published.*,
        {{ unified_channel('published.channel') }} as unified_channel
    from {{ ref('int_ad_spend') }} as published
    {{ join_channel_names('published.provider', 'published.channel') }}
    where published.rejection_reason is null and not published.is_superseded

),

{% if reports -%}
campaign_apps as (

    -- a network's report names no app: it is that of the campaign's installs, where they are of one
    select
        channel,
        campaign_id,
        min(app_id) as app_id,
        min(platform) as platform
    from {{ ref('fct_installs') }}
    group by channel, campaign_id
    having min(app_id) = max(app_id) and min(platform) = max(platform)

),

located as (

    select
        counted.*,
        coalesce(campaign_apps.app_id, counted.app_id) as located_app_id,
        coalesce(campaign_apps.platform, counted.platform) as located_platform
    from counted
    left join campaign_apps
        on
            counted.unified_channel = campaign_apps.channel
            and counted.campaign_id = campaign_apps.campaign_id
            and counted.app_id = '(unattributed)'
            and counted.provider in ('{{ reports | join("', '") }}')

),

{% endif -%}
added_up as (

    -- an amount in its own currency, where all lines share one
    select
        provider,
        spend_date,
        {{ 'located_app_id as ' if reports }}app_id,
        {{ 'located_platform as ' if reports }}platform,
        unified_channel as channel,
        campaign_id,
        country,
        campaign_label,
        min(campaign_name) as campaign_name,
        case when min(currency) = max(currency) then min(currency) end as currency,
        case when min(currency) = max(currency) then sum(spend) end as spend,
        sum(spend_usd) as spend_usd,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(reported_installs) as reported_installs,
        count(*) as line_count,
        max(updated_at) as updated_at,
        max(loaded_at) as loaded_at
    from {{ 'located' if reports else 'counted' }}
    group by provider, spend_date, {{ located }}app_id, {{ located }}platform, unified_channel, campaign_id, country, campaign_label

),

final as (

    select
        ---------- ids
        {%- set id_text %}
            provider || '|' || cast(spend_date as {{ dbt.type_string() }}) || '|' || app_id || '|' || platform
            || '|' || coalesce(channel, '') || '|' || campaign_id || '|' || coalesce(country, '')
            || '|' || coalesce(campaign_label, '')
        {%- endset %}
        {{ dbt.hash(id_text) }} as ad_spend_id,
        provider,
        app_id,
        platform,
        campaign_id,

        ---------- strings
        campaign_name,
        channel,
        country,
        currency,

        ---------- numerics
        {%- for measure in ['spend', 'spend_usd', 'impressions', 'clicks', 'reported_installs'] %}
        {{ as_decimal(measure, 24, 6) }} as {{ measure }},
        {%- endfor %}
        cast(line_count as bigint) as line_count,

        ---------- dates and timestamps
        spend_date,
        updated_at,
        loaded_at
    from added_up

)

select * from final
