{{ config(**table_layout(date='spend_date', keys=['app_id', 'campaign_id'])) }}
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

added_up as (

    -- an amount in its own currency, where all lines share one
    select
        provider,
        spend_date,
        app_id,
        platform,
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
    from counted
    group by provider, spend_date, app_id, platform, unified_channel, campaign_id, country, campaign_label

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
