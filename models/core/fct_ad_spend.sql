{{ config(
    pre_hook="{{ app_sessions.check_providers_are_read() }}",
    **table_layout(date='spend_date', keys=['app_id', 'campaign_id'])
) }}
{%- set reports = _reports('ad_spend') %}
{%- set located = 'located_' if reports %}
with

counted as (

    -- the newest publication of each key, which is told in the feed's own words; then networks get one name each
    select
        published.*,
        {{ unified_channel('published.channel') }} as unified_channel
    from {{ ref('int_ad_spend') }} as published
    {{ join_channel_names('published.provider', 'published.channel') }}
    where
        published.rejection_reason is null
        and not published.is_superseded
        {%- if reports %}
        -- about users whom nobody brought, and nobody's spend
        and not (published.spend = 0 and {{ _is_nobodys('published.channel') }})
        {%- endif %}

),

{% if reports -%}
unlocated as (

    -- a network's report names no app, or no platform
    select distinct unified_channel, campaign_id, app_id, platform
    from counted
    where provider in ('{{ reports | join("', '") }}') and (app_id = '(unattributed)' or platform = 'other')

),

campaign_installs as (

    select channel, campaign_id, app_id, platform, count(*) as install_count
    from {{ ref('fct_installs') }}
    where not is_reinstall and not is_install_inferred
    group by channel, campaign_id, app_id, platform

),

installs_of_unlocated as (

    -- of its campaign, and of what the report says
    select
        unlocated.*,
        campaign_installs.app_id as located_app_id,
        campaign_installs.platform as located_platform,
        campaign_installs.install_count,
        sum(campaign_installs.install_count) over (
            partition by unlocated.unified_channel, unlocated.campaign_id, unlocated.app_id, unlocated.platform
        ) as all_installs
    from unlocated
    inner join campaign_installs
        on
            unlocated.unified_channel = campaign_installs.channel
            and unlocated.campaign_id = campaign_installs.campaign_id
            and (unlocated.app_id = '(unattributed)' or unlocated.app_id = campaign_installs.app_id)
            and (unlocated.platform = 'other' or unlocated.platform = campaign_installs.platform)

),

located as (

    -- the app and platform of nine of ten of these installs: a stray one must not move the spend of a year
    select
        counted.*,
        coalesce(places.located_app_id, counted.app_id) as located_app_id,
        coalesce(places.located_platform, counted.platform) as located_platform
    from counted
    left join installs_of_unlocated as places
        on
            counted.unified_channel = places.unified_channel
            and counted.campaign_id = places.campaign_id
            and counted.app_id = places.app_id
            and counted.platform = places.platform
            and counted.provider in ('{{ reports | join("', '") }}')
            and places.install_count * 10 >= places.all_installs * 9

),

{% endif -%}
added_up as (

    -- an amount in its own currency, where all lines share one
    select
        provider,
        spend_date,
        {{ 'located_app_id as ' if reports }}app_id,
        {{ 'located_platform as ' if reports }}platform,
        unified_channel as channel,
        campaign_id,
        country,
        campaign_label,
        min(campaign_name) as campaign_name,
        case when min(currency) = max(currency) then min(currency) end as currency,
        case when min(currency) = max(currency) then sum(spend) end as spend,
        sum(spend_usd) as spend_usd,
        sum(impressions) as impressions,
        sum(clicks) as clicks,
        sum(reported_installs) as reported_installs,
        count(*) as line_count,
        max(updated_at) as updated_at,
        max(loaded_at) as loaded_at
    from {{ 'located' if reports else 'counted' }}
    group by provider, spend_date, {{ located }}app_id, {{ located }}platform, unified_channel, campaign_id, country, campaign_label

),

final as (

    select
        ---------- ids
        {{ mart_key(['provider', 'spend_date', 'app_id', 'platform', 'channel', 'campaign_id', 'country', 'campaign_label']) }}
            as ad_spend_id,
        provider,
        app_id,
        platform,
        campaign_id,

        ---------- strings
        campaign_name,
        channel,
        country,
        currency,

        ---------- numerics
        {%- for measure in ['spend', 'spend_usd', 'impressions', 'clicks', 'reported_installs'] %}
        {{ as_decimal(measure, 24, 6) }} as {{ measure }},
        {%- endfor %}
        cast(line_count as bigint) as line_count,

        ---------- dates and timestamps
        spend_date,
        updated_at,
        loaded_at
    from added_up

)

select * from final
