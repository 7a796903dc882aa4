with

valid as (

    select
        *,
        coalesce(updated_at, cast('0001-01-01' as {{ dbt.type_timestamp() }})) as published_at
    from {{ ref('int_ad_spend') }}
    where rejection_reason is null

),

-- what counts of each key, found in another way than the model finds it
last_published as (

    select
        provider, spend_date, app_id, platform, channel, campaign_id, country, campaign_label,
        max(published_at) as published_at
    from (
        select
            *,
            case when campaign_id = '(unattributed)' then campaign_name end as campaign_label
        from valid
    ) as labelled
    group by
        provider, spend_date, app_id, platform, channel, campaign_id, country, campaign_label

),

counted as (

    select
        last_published.provider,
        last_published.spend_date,
        last_published.app_id,
        last_published.campaign_id,
        last_published.published_at,
        last_published.campaign_label,
        max(valid.spend_usd) as spend_usd
    from last_published
    inner join valid
        on
            last_published.provider = valid.provider
            and last_published.spend_date = valid.spend_date
            and last_published.app_id = valid.app_id
            and last_published.platform = valid.platform
            and {{ is_same('last_published.channel', 'valid.channel') }}
            and last_published.campaign_id = valid.campaign_id
            and {{ is_same('last_published.country', 'valid.country') }}
            and last_published.published_at = valid.published_at
            and (
                last_published.campaign_id <> '(unattributed)'
                or {{ is_same('last_published.campaign_label', 'valid.campaign_name') }}
            )
    group by
        last_published.provider, last_published.spend_date, last_published.app_id,
        last_published.platform, last_published.channel, last_published.campaign_id,
        last_published.country, last_published.published_at, last_published.campaign_label

),

steps as (

    select 'feed' as step, spend_date, spend_usd as spend_in, 0 as spend_out from counted
    union all
    select 'feed' as step, spend_date, 0 as spend_in, spend_usd as spend_out
    from {{ ref('fct_ad_spend') }}
    union all
    select
        'cohorts' as step,
        spend.spend_date,
        spend.spend_usd * coalesce(dates.reporting_units_per_usd, 1) as spend_in,
        0 as spend_out
    from {{ ref('fct_ad_spend') }} as spend
    left join {{ ref('dim_dates') }} as dates
        on spend.spend_date = dates.date_day
    union all
    select 'cohorts' as step, spend_date, 0 as spend_in, spend as spend_out
    from {{ ref('int_cohort_spend') }}
    union all
    -- an immature cell is there, and null; a cell that is not there has lost its spend
    select
        'mart' as step,
        spend.spend_date,
        spend.spend as spend_in,
        case when not campaigns.is_mature then spend.spend else campaigns.spend end as spend_out
    from {{ ref('int_cohort_spend') }} as spend
    left join {{ ref('mart_campaigns_n_day') }} as campaigns
        on
            spend.app_id = campaigns.app_id
            and spend.platform = campaigns.platform
            and spend.channel = campaigns.channel
            and spend.campaign_id = campaigns.campaign_id
            and spend.spend_date = campaigns.install_date
            and campaigns.day_n = {{ var('n_days') | min }}

),

final as (

    -- amounts are rounded to six decimals once per row
    select
        step,
        spend_date,
        count(*) as row_count,
        sum(spend_in) as spend_in,
        coalesce(sum(spend_out), 0) as spend_out
    from steps
    group by step, spend_date

)

select * from final
where abs(spend_in - spend_out) > 0.000001 * row_count
