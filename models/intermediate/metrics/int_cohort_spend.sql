{{ config(materialized=view_read_often()) }}
with

campaigns as (

    select app_id, platform, campaign_id, named_channel, campaign_group_id, channel
    from {{ ref('int_campaign_channels') }}

),

dates as (

    select date_day, reporting_units_per_usd
    from {{ ref('dim_dates') }}

),

final as (

    -- in the reporting currency, by the keys of a cohort
    select
        spend.app_id,
        spend.platform,
        case
            when spend.app_id = '(unattributed)' then '(unattributed)'
            else campaigns.campaign_group_id
        end as campaign_id,
        campaigns.channel,
        spend.spend_date,
        {{ round_decimal('sum(spend.spend_usd * dates.reporting_units_per_usd)', 28, 6) }} as spend,
        -- as the feeds say it, where all of it is in one currency
        {%- set one_currency = 'count(*) = count(spend.currency) and min(spend.currency) = max(spend.currency)' %}
        case when {{ one_currency }} then min(spend.currency) end as original_currency,
        case when {{ one_currency }} then {{ as_decimal('sum(spend.spend)', 28, 6) }} end as original_spend,
        {{ as_decimal('sum(spend.impressions)', 28, 6) }} as campaign_impressions,
        {{ as_decimal('sum(spend.clicks)', 28, 6) }} as campaign_clicks,
        {{ as_decimal('sum(spend.reported_installs)', 28, 6) }} as reported_installs,
        {%- for feed in ['events', 'ad_spend', 'ad_revenue'] %}
        {{ last_complete_date('min(completeness.' ~ feed ~ '_loaded_at)', 'spend.app_id') }}
            as {{ feed }}_complete_until{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_ad_spend') }} as spend
    inner join campaigns
        on
            spend.app_id = campaigns.app_id
            and spend.platform = campaigns.platform
            and spend.campaign_id = campaigns.campaign_id
            and coalesce(spend.channel, '') = campaigns.named_channel
    inner join dates
        on spend.spend_date = dates.date_day
    left join {{ ref('int_feed_completeness') }} as completeness
        on spend.provider = completeness.provider and spend.app_id = completeness.app_id
    group by 1, 2, 3, 4, 5

)

select * from final
