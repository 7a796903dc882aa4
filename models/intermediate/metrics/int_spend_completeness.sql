{{ config(materialized='tracked_view') }}
with

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

)

select
    brought.channel,
    {{ _slowest_load('loads.newest_load_at', 'brought.provider') }} as ad_spend_loaded_at
from brought
inner join {{ ref('int_feed_loads') }} as loads
    on brought.provider = loads.provider
where loads.feed = 'ad_spend'
group by brought.channel
