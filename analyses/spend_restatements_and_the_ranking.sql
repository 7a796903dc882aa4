-- How much do restatements of spend move the ranking of campaigns? Each campaign's place among those of
-- its app and platform by ROAS of day N: with the spend that was published first for each of its dates, and
-- with what counts now. Of a ranking that moves much, wait until spend has settled.
{%- set day_n = 7 if 7 in var('n_days') else var('n_days') | max %}
{%- set key = ['provider', 'spend_date', 'app_id', 'platform', 'channel', 'campaign_id', 'country', 'campaign_label'] %}
{%- set line = key + ['campaign_name', 'currency', 'spend', 'impressions', 'clicks', 'reported_installs', 'updated_at'] %}
{%- set campaign = ['app_id', 'platform', 'channel', 'campaign_id'] %}
with

published as (

    -- a line that a later load says again is one line; a load may say it twice
    select
        {{ line | join(', ') }},
        spend_usd,
        is_superseded,
        row_number() over (
            partition by {{ line | join(', ') }}, loaded_at, file_name order by spend
        ) as line_number,
        dense_rank() over (
            partition by {{ key | join(', ') }} order by published_at nulls first, undated_publication nulls first
        ) as publication_number
    from {{ ref('int_ad_spend') }}
    where rejection_reason is null

),

first_lines as (

    select distinct {{ line | join(', ') }}, spend_usd, line_number
    from published
    where publication_number = 1

),

versions as (

    select app_id, platform, channel, campaign_id, spend_date, spend_usd as first_spend_usd, 0 as last_spend_usd
    from first_lines
    union all
    select app_id, platform, channel, campaign_id, spend_date, 0 as first_spend_usd, spend_usd as last_spend_usd
    from published
    where not is_superseded

),

restatements as (

    select
        versions.app_id,
        versions.platform,
        names.channel,
        case when versions.app_id = '(unattributed)' then '(unattributed)' else names.campaign_group_id end as campaign_id,
        versions.spend_date,
        sum((versions.last_spend_usd - versions.first_spend_usd) * dates.reporting_units_per_usd) as added_spend
    from versions
    inner join {{ ref('int_campaign_channels') }} as names
        on
            versions.app_id = names.app_id
            and versions.platform = names.platform
            and versions.campaign_id = names.campaign_id
            and coalesce(versions.channel, '') = names.named_channel
    inner join {{ ref('dim_dates') }} as dates
        on versions.spend_date = dates.date_day
    group by
        versions.app_id, versions.platform, names.channel,
        case when versions.app_id = '(unattributed)' then '(unattributed)' else names.campaign_group_id end,
        versions.spend_date

),

campaigns as (

    select
        {% for column in campaign %}days.{{ column }}, {% endfor %}
        {{ day_n }} as day_n,
        sum(days.spend) as spend,
        sum(days.spend - coalesce(restatements.added_spend, 0)) as first_spend,
        sum(days.cumulative_ad_revenue + days.cumulative_iap_revenue) as revenue
    from {{ ref('mart_campaigns_n_day') }} as days
    left join restatements
        on
            {%- for column in campaign %}
            days.{{ column }} = restatements.{{ column }} and
            {%- endfor %}
            days.install_date = restatements.spend_date
    where days.day_n = {{ day_n }} and days.is_revenue_mature and days.spend is not null
    group by {% for column in campaign %}days.{{ column }}{{ ', ' if not loop.last }}{% endfor %}

),

placed as (

    select
        *,
        {{ safe_divide('spend', 'first_spend') }} - 1 as restated_rate,
        {{ safe_divide('revenue', 'first_spend') }} as first_roas,
        {{ safe_divide('revenue', 'spend') }} as roas,
        rank() over (
            partition by app_id, platform order by {{ safe_divide('revenue', 'first_spend') }} desc
        ) as first_place,
        rank() over (partition by app_id, platform order by {{ safe_divide('revenue', 'spend') }} desc) as place
    from campaigns
    where spend > 0 and first_spend > 0

)

select
    *,
    first_place - place as places_gained
from placed
order by abs(first_place - place) desc, abs(restated_rate) desc, app_id asc, platform asc, channel asc, campaign_id asc
