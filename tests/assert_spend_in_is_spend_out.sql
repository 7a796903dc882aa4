with

loads as (

    -- what counts of each key, found in another way than the model finds it: how often each load says a line
    select
        provider, spend_date, app_id, platform, channel, campaign_id, country, campaign_label,
        published_at, undated_publication, campaign_name, currency, spend, impressions, clicks, reported_installs,
        max(spend_usd) as spend_usd,
        count(*) as line_count
    from {{ ref('int_ad_spend') }}
    where rejection_reason is null
    group by
        provider, spend_date, app_id, platform, channel, campaign_id, country, campaign_label,
        published_at, undated_publication, campaign_name, currency, spend, impressions, clicks, reported_installs,
        updated_at, loaded_at, file_name

),

publications as (

    select
        {{ mart_key([
            'provider', 'spend_date', 'app_id', 'platform', 'channel', 'campaign_id', 'country', 'campaign_label'
        ]) }} as key_id,
        spend_date,
        coalesce(published_at, cast('0001-01-01' as {{ dbt.type_timestamp() }})) as published_at,
        coalesce(undated_publication, '') as undated_publication,
        max(line_count) * max(spend_usd) as spend_usd
    from loads
    group by
        provider, spend_date, app_id, platform, channel, campaign_id, country, campaign_label,
        published_at, undated_publication, campaign_name, currency, spend, impressions, clicks, reported_installs

),

last_dated as (

    select key_id, max(published_at) as published_at
    from publications
    group by key_id

),

last_published as (

    select publications.key_id, last_dated.published_at, max(publications.undated_publication) as undated_publication
    from publications
    inner join last_dated
        on publications.key_id = last_dated.key_id and publications.published_at = last_dated.published_at
    group by publications.key_id, last_dated.published_at

),

counted as (

    select publications.spend_date, publications.spend_usd
    from publications
    inner join last_published
        on
            publications.key_id = last_published.key_id
            and publications.published_at = last_published.published_at
            and publications.undated_publication = last_published.undated_publication

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
    select 'days' as step, spend_date, spend as spend_in, 0 as spend_out
    from {{ ref('int_cohort_spend') }}
    union all
    select 'days' as step, campaign_date as spend_date, 0 as spend_in, spend as spend_out
    from {{ ref('mart_campaigns_daily') }}
    where spend is not null
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
