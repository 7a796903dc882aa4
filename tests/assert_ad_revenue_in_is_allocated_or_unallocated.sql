with

loads as (

    -- what counts of each key, found in another way than the model finds it: how often each load says a line
    select
        provider, revenue_date, app_id, platform, country, ad_network,
        published_at, undated_publication, currency, revenue, impressions,
        max(revenue_usd) as revenue_usd,
        count(*) as line_count
    from {{ ref('int_ad_revenue') }} as lines
    where
        rejection_reason is null
        -- a daily report of MAX says the same as its user-level report
        and not (
            provider = 'applovin_max_users'
            and exists (
                select 1 from {{ ref('int_ad_revenue') }} as daily
                where
                    daily.provider = 'applovin_max'
                    and daily.rejection_reason is null
                    and daily.app_id = lines.app_id
                    and daily.platform = lines.platform
                    and daily.revenue_date = lines.revenue_date
            )
        )
    group by
        provider, revenue_date, app_id, platform, country, ad_network,
        published_at, undated_publication, currency, revenue, impressions, updated_at, loaded_at, file_name

),

publications as (

    select
        {{ mart_key(['provider', 'revenue_date', 'app_id', 'platform', 'country', 'ad_network']) }} as key_id,
        app_id,
        platform,
        revenue_date,
        coalesce(published_at, cast('0001-01-01' as {{ dbt.type_timestamp() }})) as published_at,
        coalesce(undated_publication, '') as undated_publication,
        max(line_count) * max(revenue_usd) as revenue_usd
    from loads
    group by
        provider, revenue_date, app_id, platform, country, ad_network,
        published_at, undated_publication, currency, revenue, impressions

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

    select publications.app_id, publications.platform, publications.revenue_date, publications.revenue_usd
    from publications
    inner join last_published
        on
            publications.key_id = last_published.key_id
            and publications.published_at = last_published.published_at
            and publications.undated_publication = last_published.undated_publication

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
        coalesce(shares.shared, 0) as shared
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

select * from final
where revenue_in <> allocated + unallocated or shared <> allocated
