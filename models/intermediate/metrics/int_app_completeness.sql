{{ config(materialized='tracked_view') }}
{%- set loaded_at = {
    'events': 'feeds.events_loaded_at',
    'revenue': _revenue_loaded_at('feeds')
} %}
with

app_providers as (

    {{ _providers_of_apps() }}

),

final as (

    -- a day waits for the slowest of the app's providers, but not for one that has ended
    select
        app_providers.app_id,
        app_providers.platform,
        {%- for feeds, time in loaded_at.items() %}
        {{ last_complete_date(_slowest_load(time, 'app_providers.provider'), 'app_providers.app_id') }}
            as {{ feeds }}_complete_until{{ ',' if not loop.last }}
        {%- endfor %}
    from app_providers
    inner join {{ ref('int_feed_completeness') }} as feeds
        on app_providers.provider = feeds.provider and app_providers.app_id = feeds.app_id
    group by app_providers.app_id, app_providers.platform

)

select * from final
