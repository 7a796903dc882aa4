{{ config(
    pre_hook="{{ app_sessions.check_providers_are_read() }}",
    **table_layout(date='revenue_date', keys=['app_id', 'platform'])
) }}
with

counted as (

    -- the newest publication of each key, which is told in the feed's own words; then networks get one name each
    select
        published.*,
        {{ unified_channel('published.ad_network') }} as unified_ad_network
    from {{ ref('int_ad_revenue') }} as published
    {{ join_channel_names('published.provider', 'published.ad_network') }}
    where published.rejection_reason is null and not published.is_superseded

),

added_up as (

    -- an amount in its own currency, where all lines share one
    select
        provider,
        revenue_date,
        app_id,
        platform,
        country,
        unified_ad_network as ad_network,
        case when min(currency) = max(currency) then min(currency) end as currency,
        case when min(currency) = max(currency) then sum(revenue) end as revenue,
        sum(revenue_usd) as revenue_usd,
        sum(impressions) as impressions,
        count(*) as line_count,
        max(updated_at) as updated_at,
        max(loaded_at) as loaded_at
    from counted
    group by provider, revenue_date, app_id, platform, country, unified_ad_network

),

final as (

    select
        ---------- ids
        {{ mart_key(['provider', 'revenue_date', 'app_id', 'platform', 'country', 'ad_network']) }} as ad_revenue_id,
        provider,
        app_id,
        platform,

        ---------- strings
        country,
        ad_network,
        currency,

        ---------- numerics
        {%- for measure in ['revenue', 'revenue_usd', 'impressions'] %}
        {{ as_decimal(measure, 24, 6) }} as {{ measure }},
        {%- endfor %}
        cast(line_count as bigint) as line_count,

        ---------- dates and timestamps
        revenue_date,
        updated_at,
        loaded_at
    from added_up

)

select * from final
