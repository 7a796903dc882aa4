{{ config(materialized='tracked_view') }}
{%- set feeds = ['events', 'ad_revenue'] %}
with

reengaged_users as (

    select distinct user_key
    from {{ ref('fct_sessions') }}
    where is_reengagement

),

sessions as (

    -- a session belongs to the user's latest re-engagement before it, so that nothing counts twice here
    select
        sessions.*,
        max(case when sessions.is_reengagement then sessions.started_at end) over (
            partition by sessions.user_key order by sessions.started_at
            rows between unbounded preceding and current row
        ) as reengaged_at
    from {{ ref('fct_sessions') }} as sessions
    inner join reengaged_users
        on sessions.user_key = reengaged_users.user_key

),

network_shares as (

    -- what networks report by day: as in the other marts every session of the date is worth the same
    select
        user_days.user_key,
        user_days.activity_date,
        sum(user_days.network_ad_revenue_usd) as network_ad_revenue_usd,
        sum(user_days.session_count) as session_count
    from {{ ref('int_user_days') }} as user_days
    inner join reengaged_users
        on user_days.user_key = reengaged_users.user_key
    group by user_days.user_key, user_days.activity_date

),

days as (

    select
        reengagements.session_id as reengagement_session_id,
        reengagements.user_key,
        reengagements.app_id,
        reengagements.platform,
        reengagements.reengagement_campaign_id,
        reengagements.session_date as reengagement_date,
        {{ day_n('sessions.reengaged_at', 'sessions.started_at', 'sessions.app_id') }} as day_n,
        count(*) as session_count,
        sum({{ in_reporting_currency(as_decimal(
            'sessions.ad_revenue_usd + coalesce('
            ~ safe_divide('network_shares.network_ad_revenue_usd', 'network_shares.session_count') ~ ', 0)', 28, 9
        ), 'dates.reporting_units_per_usd') }}) as ad_revenue,
        sum({{ in_reporting_currency('sessions.iap_revenue_usd', 'dates.reporting_units_per_usd') }}) as iap_revenue
    from sessions
    inner join sessions as reengagements
        on
            sessions.user_key = reengagements.user_key
            and sessions.reengaged_at = reengagements.started_at
    inner join {{ ref('dim_dates') }} as dates
        on sessions.session_date = dates.date_day
    left join network_shares
        on
            sessions.user_key = network_shares.user_key
            and sessions.session_date = network_shares.activity_date
    group by
        reengagements.session_id, reengagements.user_key, reengagements.app_id, reengagements.platform,
        reengagements.reengagement_campaign_id, reengagements.session_date,
        {{ day_n('sessions.reengaged_at', 'sessions.started_at', 'sessions.app_id') }}

),

of_apps as (

    -- for a user without a known install, where none is inferred
    select
        app_id,
        {%- for feed in feeds %}
        {{ _slowest_load(feed ~ '_loaded_at', 'provider') }} as {{ feed }}_loaded_at{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_feed_completeness') }}
    group by app_id

),

final as (

    -- a re-engagement that names no campaign is kept
    select
        days.*,
        coalesce(campaigns.campaign_group_id, '(unattributed)') as campaign_id,
        coalesce(campaigns.channel, '(unknown)') as channel,
        {%- for feed in feeds %}
        coalesce(completeness.{{ feed }}_loaded_at, of_apps.{{ feed }}_loaded_at) as {{ feed }}_loaded_at{{ ',' if not loop.last }}
        {%- endfor %}
    from days
    left join {{ ref('int_campaign_channels') }} as campaigns
        on
            days.app_id = campaigns.app_id
            and days.platform = campaigns.platform
            and days.reengagement_campaign_id = campaigns.campaign_id
            and campaigns.named_channel = ''
    left join {{ ref('int_cohort_users') }} as users
        on days.user_key = users.user_key
    left join {{ ref('int_feed_completeness') }} as completeness
        on users.provider = completeness.provider and days.app_id = completeness.app_id
    left join of_apps
        on days.app_id = of_apps.app_id

)

select * from final
