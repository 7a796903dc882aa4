{{ config(post_hook="{{ record_state() }}", **table_layout(date='revenue_date', keys=['app_id', 'platform'])) }}
{%- do one_snapshot() %}
with

revenue as (

    select *
    from {{ ref('int_ad_revenue') }}
    where rejection_reason is null

),

latest as (

    -- a restated day replaces the old one; at one updated_at the greater amount
    select
        *,
        row_number() over (
            partition by provider, revenue_date, app_id, platform, country, ad_network
            order by
                updated_at desc nulls last,
                revenue desc, impressions desc nulls last
        ) as version_number
    from revenue

),

final as (

    select
        ---------- ids
        {%- set id_text %}
            provider || '|' || cast(revenue_date as {{ dbt.type_string() }}) || '|' || app_id || '|' || platform
            || '|' || coalesce(country, '') || '|' || coalesce(ad_network, '')
        {%- endset %}
        {{ dbt.hash(id_text) }} as ad_revenue_id,
        provider,
        app_id,
        platform,

        ---------- strings
        country,
        ad_network,
        currency,

        ---------- numerics
        revenue,
        revenue_usd,
        impressions,

        ---------- dates and timestamps
        revenue_date,
        updated_at
    from latest
    where version_number = 1

)

select * from final
