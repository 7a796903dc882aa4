{{ config(enabled='tenjin' in var('providers')) }}
{%- set raw = raw_input('tenjin', 'campaigns') %}
{%- set unparsable = unparsable_columns(raw, timestamps=['updated_at']) %}

with

raw_rows as (

    {{ raw_rows(raw, ids=['id', 'app_id', 'campaign_bucket_id', 'ad_network_id'], times=['updated_at']) }}

),

campaigns as (

    select
        {{ raw_text(raw, 'id') }} as campaign_id,
        {{ raw_text(raw, 'app_id') }} as app_id,
        {{ raw_text(raw, 'name') }} as campaign_name,
        {{ raw_text(raw, 'ad_network_id') }} as ad_network_id,
        {{ raw_text(raw, 'campaign_bucket_id') }} as campaign_bucket_id,
        {{ raw_timestamp(raw, 'updated_at') }} as updated_at,
        {{ raw_loaded_at(raw) }} as loaded_at,
        {{ raw_file_name(raw) }} as file_name,
        {{ unparsable }} as unparsable_columns
    from raw_rows

),

networks as (

    {{ newest_rows('tenjin', 'ad_networks') }}

),

final as (

    -- the network's name is Tenjin's channel; network 0 is organic
    select
        'tenjin' as provider,
        campaigns.app_id,
        campaigns.campaign_id,
        campaigns.campaign_bucket_id,
        campaigns.campaign_name,
        networks.ad_network as channel,
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
