{{ config(meta={'reads_raw': true}) }}
with

staged as (

    {{ _kept_rows_of_feed('ad_revenue') }}

),

named as (

    -- revenue that cannot be tied to an app is kept, and named
    select
        provider,
        coalesce(app_id, '(unattributed)') as app_id,
        platform,
        country,
        ad_network,
        currency,
        revenue,
        impressions,
        revenue_date,
        updated_at,
        loaded_at,
        file_name,
        unparsable_columns
    from staged

),

published as (

    {{ feed_publications('named', 'ad_revenue') }}

)

select
    provider,
    app_id,
    platform,
    country,
    ad_network,
    currency,
    rejection_reason,
    nulled_columns,
    file_name,
    undated_publication,
    revenue,
    revenue_usd,
    impressions,
    is_superseded,
    revenue_date,
    updated_at,
    loaded_at,
    published_at
from published
