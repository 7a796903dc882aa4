{{ config(materialized='ephemeral') }}
with

app_providers as (

    select distinct app_id, platform, provider
    from {{ ref('fct_installs') }}

),

final as (

    -- a day waits for the slowest of the app's providers, but not for one that is no longer configured
    select
        app_providers.app_id,
        app_providers.platform,
        {{ last_complete_date(
            "coalesce(min(case when app_providers.provider in ('" ~ var('providers') | join("', '")
            ~ "') then feeds.events_loaded_at end), max(feeds.events_loaded_at))", 'app_providers.app_id'
        ) }} as events_complete_until
    from app_providers
    inner join {{ ref('int_feed_completeness') }} as feeds
        on app_providers.provider = feeds.provider
    group by app_providers.app_id, app_providers.platform

)

select * from final
