-- Which campaigns buy sessions for less than these earn? Per 1,000 app opens of days 0 to N, over
-- campaign dates whose spend and revenue are complete by then, spend without installs included.
{%- set day_n = 7 if 7 in var('n_days') else var('n_days') | max %}
with

campaigns as (

    select
        app_id,
        platform,
        channel,
        campaign_id,
        {{ day_n }} as day_n,
        sum(spend) as spend,
        sum(cumulative_app_open_count) as app_open_count,
        sum(cumulative_ad_revenue + cumulative_iap_revenue) as revenue
    from {{ ref('mart_campaigns_n_day') }}
    where day_n = {{ day_n }} and is_revenue_mature and spend is not null
    group by app_id, platform, channel, campaign_id

)

select
    *,
    {{ safe_divide('1000 * spend', 'app_open_count') }} as cost_per_1000_opens,
    {{ safe_divide('1000 * revenue', 'app_open_count') }} as revenue_per_1000_opens,
    {{ safe_divide('revenue', 'spend') }} as roas,
    revenue >= spend as earns_its_cost
from campaigns
where spend <> 0 or revenue <> 0
order by revenue - spend desc, app_id asc, platform asc, channel asc, campaign_id asc
