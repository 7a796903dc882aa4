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
{%- set both = ['applovin_max', 'applovin_max_users'] %}
{%- set is_told_twice = both | reject('in', _reports('ad_revenue')) | list == [] %}
{%- if is_told_twice %},

daily as (

    -- what a daily report says of an app, the user-level report of the same mediation says again
    select distinct
        app_id as daily_app_id,
        platform as daily_platform,
        revenue_date as daily_date
    from published
    where provider = 'applovin_max' and rejection_reason is null

)
{%- endif %}

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
    {% if is_told_twice -%}
    is_superseded
    or (provider = 'applovin_max_users' and rejection_reason is null and daily_app_id is not null) as is_superseded,
    {%- else -%}
    is_superseded,
    {%- endif %}
    revenue_date,
    updated_at,
    loaded_at,
    published_at
from published
{%- if is_told_twice %}
left join daily
    on
        published.app_id = daily.daily_app_id
        and published.platform = daily.daily_platform
        and published.revenue_date = daily.daily_date
{%- endif %}
