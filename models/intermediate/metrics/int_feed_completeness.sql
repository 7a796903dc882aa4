{{ config(materialized='tracked_view') }}
{%- set feeds = ['events', 'ad_spend', 'ad_revenue'] -%}
with

own as (

    select
        provider,
        {%- for feed in feeds %}
        max(case when feed = '{{ feed }}' then newest_load_at end) as {{ feed }}_loaded_at{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_feed_loads') }}
    group by provider

),

slowest as (

    select
        {%- for feed in feeds %}
        min({{ feed }}_loaded_at) as {{ feed }}_loaded_at{{ ',' if not loop.last }}
        {%- endfor %}
    from own

),

final as (

    -- a provider waits for its own feeds; one without such a feed, for the slowest of the others'
    select
        own.provider,
        {%- for feed in feeds %}
        coalesce(own.{{ feed }}_loaded_at, slowest.{{ feed }}_loaded_at) as {{ feed }}_loaded_at{{ ',' if not loop.last }}
        {%- endfor %}
    from own
    cross join slowest

)

select * from final
