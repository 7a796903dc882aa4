{{ config(
    materialized='tracked',
    unique_key=['app_id', 'platform', 'activity_date'],
    **table_layout(date='activity_date', keys=['app_id', 'platform'])
) }}
{%- set scope = rebuild_scope() %}
{%- set first_date = first_touched_date() if scope == 'touched' %}
{%- do stale_rows('$row.activity_date >= ' ~ first_date) %}

select
    ---------- ids
    app_id,
    platform,

    ---------- numerics
    cast(sum(app_open_count) as bigint) as app_open_count,
    cast(sum(ad_impression_count) as bigint) as ad_impression_count,
    cast(sum(refund_count) as bigint) as refund_count,
    {{ as_decimal('sum(ad_revenue_usd)', 28, 9) }} as ad_revenue_usd,
    {{ as_decimal('sum(iap_revenue_usd)', 28, 6) }} as iap_revenue_usd,
    {{ as_decimal('sum(refund_usd)', 28, 6) }} as refund_usd,

    ---------- dates
    activity_date
from {{ ref('fct_user_days') }}
{%- if first_date %}
where activity_date >= {{ first_date }}
{%- endif %}
group by app_id, platform, activity_date
