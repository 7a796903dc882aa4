{{ config(materialized='tracked_view') }}
with

loads as (

    select
        provider,
        max(case when feed = 'ad_spend' then newest_load_at end) as newest_load_at
    from {{ ref('int_feed_loads') }}
    group by provider

),

brought as (

    -- whose spend is of which channel, as cohorts name it
    select distinct campaigns.channel, spend.provider
    from {{ ref('fct_ad_spend') }} as spend
    inner join {{ ref('int_campaign_channels') }} as campaigns
        on
            spend.app_id = campaigns.app_id
            and spend.platform = campaigns.platform
            and spend.campaign_id = campaigns.campaign_id
            and coalesce(spend.channel, '') = campaigns.named_channel

),

channels as (

    select
        brought.channel,
        {{ _slowest_load('loads.newest_load_at', 'brought.provider') }} as ad_spend_loaded_at
    from brought
    inner join loads
        on brought.provider = loads.provider
    group by brought.channel

),

final as (

    -- a provider with spend of its own waits for that alone
    select
        loads.provider,
        channels.channel,
        channels.ad_spend_loaded_at
    from loads
    cross join channels
    where loads.newest_load_at is null

)

select * from final
