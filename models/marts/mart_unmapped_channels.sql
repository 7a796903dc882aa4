with

known_names as (

    select distinct lower(trim(channel)) as known_name
    from {{ ref('channel_mapping') }}
    where channel is not null

),

met as (

    -- what no row of the seed brings to another name is here as it was written
    select provider, 'events' as feed, channel, 1 as row_count, {{ as_decimal('null', 24, 6) }} as amount_usd, install_date as met_on
    from {{ ref('fct_installs') }}
    union all
    select provider, 'ad_spend' as feed, channel, line_count, spend_usd, spend_date
    from {{ ref('fct_ad_spend') }}
    union all
    select provider, 'ad_revenue' as feed, ad_network, line_count, revenue_usd, revenue_date
    from {{ ref('fct_ad_revenue') }}

),

unmapped as (

    select
        provider,
        feed,
        channel,
        sum(row_count) as row_count,
        sum(amount_usd) as amount_usd,
        min(met_on) as first_date,
        max(met_on) as last_date
    from met
    where channel is not null and lower(channel) not in (select known_names.known_name from known_names)
    group by provider, feed, channel

),

sides as (

    select
        channel,
        max(case when feed = 'events' then 1 else 0 end) = 1 as has_installs,
        max(case when feed = 'ad_spend' then 1 else 0 end) = 1 as has_spend
    from unmapped
    group by channel

),

final as (

    select
        ---------- ids
        {{ mart_key(['unmapped.provider', 'unmapped.feed', 'unmapped.channel']) }} as unmapped_channel_id,

        ---------- strings
        unmapped.provider,
        unmapped.feed,
        unmapped.channel,

        ---------- numerics
        cast(unmapped.row_count as bigint) as row_count,
        {{ as_decimal("case when unmapped.feed = 'ad_spend' then unmapped.amount_usd end", 28, 6) }} as spend_usd,
        {{ as_decimal("case when unmapped.feed = 'ad_revenue' then unmapped.amount_usd end", 28, 6) }} as revenue_usd,

        ---------- booleans
        case unmapped.feed when 'events' then sides.has_spend when 'ad_spend' then sides.has_installs end as is_on_other_side,

        ---------- dates
        unmapped.first_date,
        unmapped.last_date
    from unmapped
    inner join sides
        on unmapped.channel = sides.channel

)

select * from final
