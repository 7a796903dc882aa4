-- On which day of their life have the users of a channel paid back what they cost? Of campaign dates
-- that are complete on the last day looked at, so that all days are of the same users.
{%- set last_day_n = 30 if 30 in var('n_days') else var('n_days') | max %}
{%- set keys = ['app_id', 'platform', 'channel', 'campaign_id', 'install_date'] %}
with

bought as (

    select {{ keys | join(', ') }}, spend
    from {{ ref('mart_campaigns_n_day') }}
    where day_n = {{ last_day_n }} and is_revenue_mature and spend is not null

),

costs as (

    select channel, sum(spend) as spend
    from bought
    group by channel

),

curves as (

    select
        cohorts.channel,
        cohorts.day_n,
        sum(cohorts.cumulative_ad_revenue + cohorts.cumulative_iap_revenue) as revenue
    from {{ ref('mart_cohorts_n_day') }} as cohorts
    inner join bought
        on
            {%- for key in keys %}
            cohorts.{{ key }} = bought.{{ key }}{{ ' and' if not loop.last }}
            {%- endfor %}
    where cohorts.day_n <= {{ last_day_n }}
    group by cohorts.channel, cohorts.day_n

)

-- a channel whose payback_day is null has not earned its cost by the last day
select
    costs.channel,
    costs.spend,
    max(case when curves.day_n = {{ last_day_n }} then curves.revenue end) as revenue,
    {{ safe_divide('max(case when curves.day_n = ' ~ last_day_n ~ ' then curves.revenue end)', 'costs.spend') }} as roas,
    {{ last_day_n }} as last_day_n,
    min(case when curves.revenue >= costs.spend then curves.day_n end) as payback_day
from costs
left join curves
    on costs.channel = curves.channel
where costs.spend > 0
group by costs.channel, costs.spend
order by payback_day nulls last, costs.channel
