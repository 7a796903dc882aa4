{{ config(meta={'reads_raw': true}) }}
with

staged as (

    {{ _kept_rows_of_feed('ad_spend') }}

),

named as (

    -- spend that cannot be tied to an app or a campaign is kept, and named
    select
        provider,
        coalesce(app_id, '(unattributed)') as app_id,
        platform,
        coalesce(campaign_id, '(unattributed)') as campaign_id,
        case when campaign_id is null then campaign_name end as campaign_label,
        campaign_name,
        channel,
        country,
        currency,
        spend,
        impressions,
        clicks,
        reported_installs,
        spend_date,
        updated_at,
        loaded_at,
        file_name,
        unparsable_columns
    from staged

),

published as (

    {{ feed_publications('named', 'ad_spend') }}

)

select
    provider,
    app_id,
    platform,
    campaign_id,
    campaign_name,
    campaign_label,
    channel,
    country,
    currency,
    rejection_reason,
    nulled_columns,
    file_name,
    undated_publication,
    spend,
    spend_usd,
    impressions,
    clicks,
    reported_installs,
    is_superseded,
    spend_date,
    updated_at,
    loaded_at,
    published_at
from published
