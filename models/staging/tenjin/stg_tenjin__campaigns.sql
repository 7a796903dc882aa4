{{ config(enabled='tenjin' in var('providers')) }}
{%- set raw_campaigns = raw_input('tenjin', 'campaigns') %}
{%- set raw_networks = raw_input('tenjin', 'ad_networks') %}
{%- set unparsable = unparsable_columns(raw_campaigns, timestamps=['updated_at']) %}

with

raw_campaigns as (

    {{ raw_rows(raw_campaigns, ids=['id', 'app_id', 'campaign_bucket_id', 'ad_network_id'], times=['updated_at']) }}

),

raw_networks as (

    {{ raw_rows(raw_networks, ids=['id']) }}

),

campaigns as (

    select
        {{ raw_text(raw_campaigns, 'id') }} as campaign_id,
        {{ raw_text(raw_campaigns, 'app_id') }} as app_id,
        {{ raw_text(raw_campaigns, 'name') }} as campaign_name,
        {{ raw_text(raw_campaigns, 'ad_network_id') }} as ad_network_id,
        {{ raw_text(raw_campaigns, 'campaign_bucket_id') }} as campaign_bucket_id,
        {{ raw_timestamp(raw_campaigns, 'updated_at') }} as updated_at,
        {{ raw_loaded_at(raw_campaigns) }} as loaded_at,
        {{ raw_file_name(raw_campaigns) }} as file_name,
        {{ unparsable }} as unparsable_columns
    from raw_campaigns

),

listed_networks as (

    select
        {{ raw_text(raw_networks, 'id') }} as ad_network_id,
        {{ raw_text(raw_networks, 'name') }} as channel,
        {{ raw_loaded_at(raw_networks) }} as loaded_at,
        {{ raw_file_name(raw_networks) }} as file_name
    from raw_networks

),

networks as (

    {{ newest_rows('listed_networks', 'ad_network_id', ['loaded_at'], ['file_name', 'channel']) }}

),

final as (

    -- the network's name is Tenjin's channel; network 0 is organic
    select
        'tenjin' as provider,
        campaigns.app_id,
        campaigns.campaign_id,
        campaigns.campaign_bucket_id,
        campaigns.campaign_name,
        networks.channel,
        campaigns.ad_network_id = '0' as is_organic,
        campaigns.updated_at,
        campaigns.loaded_at,
        campaigns.file_name,
        campaigns.unparsable_columns
    from campaigns
    left join networks
        on campaigns.ad_network_id = networks.ad_network_id

)

select * from final
