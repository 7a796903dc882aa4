with

valid as (

    select
        *,
        coalesce(updated_at, cast('0001-01-01' as {{ dbt.type_timestamp() }})) as published_at
    from {{ ref('int_ad_revenue') }}
    where rejection_reason is null

),

-- what counts of each key, found in another way than the model finds it
last_published as (

    select
        provider, revenue_date, app_id, platform, country, ad_network,
        max(published_at) as published_at
    from valid
    group by provider, revenue_date, app_id, platform, country, ad_network

),

counted as (

    select
        valid.app_id,
        valid.platform,
        valid.revenue_date,
        max(valid.revenue_usd) as revenue_usd
    from last_published
    inner join valid
        on
            last_published.provider = valid.provider
            and last_published.revenue_date = valid.revenue_date
            and last_published.app_id = valid.app_id
            and last_published.platform = valid.platform
            and {{ is_same('last_published.country', 'valid.country') }}
            and {{ is_same('last_published.ad_network', 'valid.ad_network') }}
            and last_published.published_at = valid.published_at
    group by
        valid.provider, valid.revenue_date, valid.app_id, valid.platform, valid.country,
        valid.ad_network

),

revenue as (

    select
        app_id,
        platform,
        revenue_date as activity_date,
        sum(revenue_usd) as revenue_in
    from counted
    group by app_id, platform, revenue_date

),

allocation as (

    select
        app_id,
        platform,
        revenue_date as activity_date,
        sum(case when allocation = 'sessions' then revenue_usd else 0 end) as allocated,
        sum(case when allocation <> 'sessions' then revenue_usd else 0 end) as unallocated
    from {{ ref('int_ad_revenue_allocation') }}
    group by app_id, platform, revenue_date

),

shares as (

    select
        app_id,
        platform,
        activity_date,
        count(*) as share_count,
        sum(network_ad_revenue_usd) as shared
    from {{ ref('int_user_days') }}
    group by app_id, platform, activity_date

),

final as (

    select
        coalesce(revenue.app_id, allocation.app_id, shares.app_id) as app_id,
        coalesce(revenue.platform, allocation.platform, shares.platform) as platform,
        coalesce(revenue.activity_date, allocation.activity_date, shares.activity_date)
            as activity_date,
        coalesce(revenue.revenue_in, 0) as revenue_in,
        coalesce(allocation.allocated, 0) as allocated,
        coalesce(allocation.unallocated, 0) as unallocated,
        coalesce(shares.shared, 0) as shared,
        coalesce(shares.share_count, 0) as share_count
    from revenue
    full outer join allocation
        on
            revenue.app_id = allocation.app_id
            and revenue.platform = allocation.platform
            and revenue.activity_date = allocation.activity_date
    full outer join shares
        on
            allocation.app_id = shares.app_id
            and allocation.platform = shares.platform
            and allocation.activity_date = shares.activity_date

)

-- a share is cut to eight decimals, once for its country's money and once for everybody's
select * from final
where
    revenue_in <> allocated + unallocated
    or shared > allocated
    or allocated - shared > 0.00000002 * share_count
