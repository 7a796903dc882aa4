{{ config(**table_layout(date='campaign_date', keys=['app_id', 'campaign_id'])) }}
{%- set keys = ['app_id', 'platform', 'channel', 'campaign_id'] %}
with

installs as (

    select
        {% for key in keys %}users.{{ key }}, {% endfor %}
        users.install_date,
        count(*) as tracked_installs,
        count(case when users.is_install_inferred then 1 end) as inferred_installs,
        -- of the slowest of its users' providers
        {{ _complete_until_of_users(['events', 'ad_spend']) }}
    from {{ ref('int_cohort_users') }} as users
    left join {{ ref('int_feed_completeness') }} as completeness
        on users.provider = completeness.provider and users.app_id = completeness.app_id
    left join {{ ref('int_spend_completeness') }} as spend_completeness
        on users.channel = spend_completeness.channel
    group by {% for key in keys %}users.{{ key }}, {% endfor %}users.install_date

),

joined as (

    -- spend without installs and installs without spend both stay
    select
        {%- for key in keys %}
        coalesce(installs.{{ key }}, spend.{{ key }}) as {{ key }},
        {%- endfor %}
        coalesce(installs.install_date, spend.spend_date) as campaign_date,
        coalesce(installs.tracked_installs, 0) as tracked_installs,
        coalesce(installs.inferred_installs, 0) as inferred_installs,
        spend.original_currency,
        spend.original_spend,
        spend.spend as reported_spend,
        spend.campaign_impressions,
        spend.campaign_clicks,
        spend.reported_installs,
        coalesce(installs.events_complete_until, spend.events_complete_until) as events_complete_until,
        least(
            coalesce(installs.ad_spend_complete_until, spend.ad_spend_complete_until),
            coalesce(spend.ad_spend_complete_until, installs.ad_spend_complete_until)
        ) as ad_spend_complete_until
    from installs
    full outer join {{ ref('int_cohort_spend') }} as spend
        on
            {%- for key in keys %}
            installs.{{ key }} = spend.{{ key }} and
            {%- endfor %}
            installs.install_date = spend.spend_date

),

judged as (

    -- a feed that is not there is not waited for
    select
        *,
        campaign_id = '(organic)' as is_organic,
        coalesce({{ days_between('campaign_date', 'events_complete_until') }} >= 0, false) as has_all_events,
        coalesce({{ days_between('campaign_date', 'ad_spend_complete_until') }} >= 0, true) as has_all_spend
    from joined

),

valued as (

    -- a paid campaign without a row spent nothing, once the feed is complete; organic users were not bought
    select
        *,
        case
            when is_organic then null
            when reported_spend is null and has_all_spend and ad_spend_complete_until is not null then 0
            else reported_spend
        end as spend
    from judged

),

final as (

    select
        ---------- ids
        {{ mart_key(keys + ['campaign_date']) }} as campaign_date_id,
        app_id,
        platform,
        campaign_id,

        ---------- strings
        channel,
        {{ reporting_currency() }} as reporting_currency,
        original_currency,

        ---------- numerics
        cast(tracked_installs as bigint) as tracked_installs,
        cast(inferred_installs as bigint) as inferred_installs,
        {%- for measure in ['campaign_impressions', 'campaign_clicks', 'reported_installs', 'spend', 'original_spend'] %}
        {{ as_decimal(measure, 28, 6) }} as {{ measure }},
        {%- endfor %}
        {{ safe_divide('campaign_clicks', 'campaign_impressions') }} as click_through_rate,
        {{ safe_divide('reported_installs', 'campaign_clicks') }} as click_to_install_rate,
        {{ safe_divide('tracked_installs', 'campaign_clicks') }} as tracked_click_to_install_rate,
        {{ safe_divide('spend', 'reported_installs') }} as cpi,
        {{ safe_divide('spend', 'tracked_installs') }} as tracked_cpi,

        ---------- booleans
        is_organic,
        has_all_events and has_all_spend as is_complete,

        ---------- dates
        campaign_date
    from valued

)

select * from final
