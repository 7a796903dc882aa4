{{ config(materialized='tracked_view') }}
with

days as (

    select *, nullif(campaign_id, '') as known_campaign_id
    from {{ ref('int_install_days') }}

),

final as (

    select
        days.app_id,
        days.platform,
        {{ _reported_campaign('days.known_campaign_id') }},
        days.install_date,
        days.is_install_inferred,
        days.campaign_id as install_campaign_id,
        days.channel as install_channel,
        days.install_country,
        days.install_app_version,
        days.day_n,
        days.active_users,
        days.session_count,
        days.app_open_count,
        days.ad_revenue,
        days.iap_revenue
    from days
    left join {{ ref('int_campaign_channels') }} as campaigns
        on
            days.app_id = campaigns.app_id
            and days.platform = campaigns.platform
            and days.known_campaign_id = campaigns.campaign_id
            and days.channel = campaigns.named_channel

)

select * from final
