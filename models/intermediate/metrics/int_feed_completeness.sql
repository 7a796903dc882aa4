{{ config(materialized='tracked_view') }}
{%- set feeds = ['events', 'ad_spend', 'ad_revenue'] -%}
{%- set feeds_of_apps = ['events', 'ad_revenue'] -%}
with

loads as (

    select provider, feed, newest_load_at
    from {{ ref('int_feed_loads') }}

),

own as (

    select
        provider,
        {%- for feed in feeds %}
        max(case when feed = '{{ feed }}' then newest_load_at end) as {{ feed }}_loaded_at{{ ',' if not loop.last }}
        {%- endfor %}
    from loads
    group by provider

),

slowest as (

    select
        {%- for feed in feeds %}
        {{ _slowest_load("case when feed = '" ~ feed ~ "' then newest_load_at end", 'provider') }}
            as {{ feed }}_loaded_at{{ ',' if not loop.last }}
        {%- endfor %}
    from loads

),

brought as (

    -- whose feeds have anything of an app
    select distinct app_id, provider, 'events' as feed
    from ({{ _providers_of_apps() }}) as providers
    union all
    select distinct app_id, provider, 'ad_revenue' as feed
    from {{ ref('fct_ad_revenue') }}
    union all
    -- spend goes by its channel (int_spend_completeness)
    select distinct app_id, provider, 'ad_spend' as feed
    from {{ ref('fct_ad_spend') }}

),

of_apps as (

    select
        brought.app_id,
        {%- for feed in feeds_of_apps %}
        {{ _slowest_load("case when brought.feed = '" ~ feed ~ "' then loads.newest_load_at end", 'brought.provider') }}
            as {{ feed }}_loaded_at{{ ',' if not loop.last }}
        {%- endfor %}
    from brought
    left join loads
        on brought.provider = loads.provider and brought.feed = loads.feed
    group by brought.app_id

),

providers_of_apps as (

    select distinct provider, app_id
    from brought

),

final as (

    -- a provider waits for its own feeds; one without such a feed, for those that bring it for the app; else for all
    select
        providers_of_apps.provider,
        providers_of_apps.app_id,
        own.ad_spend_loaded_at as own_ad_spend_loaded_at,
        {%- for feed in feeds %}
        coalesce(own.{{ feed }}_loaded_at, {{ 'of_apps.' ~ feed ~ '_loaded_at, ' if feed in feeds_of_apps }}slowest.{{ feed }}_loaded_at)
            as {{ feed }}_loaded_at{{ ',' if not loop.last }}
        {%- endfor %}
    from providers_of_apps
    inner join own
        on providers_of_apps.provider = own.provider
    inner join of_apps
        on providers_of_apps.app_id = of_apps.app_id
    cross join slowest

)

select * from final
