{{ config(materialized='tracked_view') }}
with

installs as (

    select user_key, provider, app_id, platform, campaign_id, channel, country, install_date, is_install_inferred, installed_at
    from {{ ref('fct_installs') }}
    where not is_reinstall

),

campaigns as (

    select app_id, platform, campaign_id, named_channel, campaign_group_id, channel, is_organic
    from {{ ref('int_campaign_channels') }}

),

final as (

    select
        installs.user_key,
        installs.provider,
        installs.app_id,
        installs.platform,
        {{ _reported_campaign('installs.campaign_id') }},
        installs.install_date,
        installs.is_install_inferred,
        installs.installed_at,
        coalesce(installs.country, '(unknown)') as install_country
    from installs
    left join campaigns
        on
            installs.app_id = campaigns.app_id
            and installs.platform = campaigns.platform
            and installs.campaign_id = campaigns.campaign_id
            and coalesce(installs.channel, '') = campaigns.named_channel

)

select * from final
