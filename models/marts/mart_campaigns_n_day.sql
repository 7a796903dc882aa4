{{ config(**table_layout(date='install_date', keys=['app_id', 'campaign_id'])) }}
with

cohort_days as (

    -- cohorts whose install was inferred are in the sums, and beside them
    select
        app_id,
        platform,
        channel,
        campaign_id,
        install_date,
        day_n,
        sum(tracked_installs) as tracked_installs,
        sum(case when is_install_inferred then tracked_installs else 0 end) as inferred_installs,
        sum(d0_users) as d0_users,
        sum(active_users) as active_users,
        sum(session_count) as session_count,
        sum(app_open_count) as app_open_count,
        sum(cumulative_app_open_count) as cumulative_app_open_count,
        sum(case when is_install_inferred then app_open_count else 0 end) as inferred_app_open_count,
        sum(case when is_install_inferred then cumulative_app_open_count else 0 end)
            as inferred_cumulative_app_open_count,
        sum(cumulative_ad_revenue) as cumulative_ad_revenue,
        sum(cumulative_iap_revenue) as cumulative_iap_revenue,
        {%- for flag in ['is_mature', 'is_spend_mature', 'is_revenue_mature'] %}
        min(case when {{ flag }} then 1 else 0 end) = 1 as {{ flag }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('mart_cohorts_n_day') }}
    where day_n in ({{ var('n_days') | join(', ') }})
    group by app_id, platform, channel, campaign_id, install_date, day_n

),

days as (

    {% for day_n in var('n_days') -%}
    select cast({{ day_n }} as bigint) as day_n
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

),

spend as (

    select
        spend.*,
        days.day_n
    from {{ ref('int_cohort_spend') }} as spend
    cross join days

),

joined as (

    -- spend without installs and installs without spend both stay
    select
        {%- for key in ['app_id', 'platform', 'channel', 'campaign_id', 'day_n'] %}
        coalesce(cohort_days.{{ key }}, spend.{{ key }}) as {{ key }},
        {%- endfor %}
        coalesce(cohort_days.install_date, spend.spend_date) as install_date,
        coalesce(cohort_days.tracked_installs, 0) as tracked_installs,
        coalesce(cohort_days.inferred_installs, 0) as inferred_installs,
        {%- for measure in [
            'd0_users', 'active_users', 'session_count', 'app_open_count', 'cumulative_app_open_count',
            'inferred_app_open_count', 'inferred_cumulative_app_open_count',
            'cumulative_ad_revenue', 'cumulative_iap_revenue'
        ] %}
        coalesce(cohort_days.{{ measure }}, 0) as {{ measure }},
        {%- endfor %}
        spend.spend,
        spend.campaign_impressions,
        spend.campaign_clicks,
        spend.reported_installs,
        spend.events_complete_until,
        spend.ad_spend_complete_until,
        spend.ad_revenue_complete_until,
        cohort_days.is_mature,
        cohort_days.is_spend_mature,
        cohort_days.is_revenue_mature
    from cohort_days
    full outer join spend
        on
            {{ _same_cohort('cohort_days', 'spend', but=['install_date', 'is_install_inferred']) }}
            and cohort_days.install_date = spend.spend_date
            and cohort_days.day_n = spend.day_n

),

spend_feeds as (

    select count(*) as feed_count
    from {{ ref('int_feed_loads') }}
    where feed = 'ad_spend'

),

valued as (

    -- a paid campaign without a row in the feed spent nothing, if there is a feed at all;
    -- organic users were not bought
    select
        {%- for column in ['app_id', 'platform', 'channel', 'campaign_id', 'day_n', 'install_date',
            'tracked_installs', 'inferred_installs', 'd0_users', 'active_users', 'session_count', 'app_open_count',
            'cumulative_app_open_count', 'inferred_app_open_count', 'inferred_cumulative_app_open_count',
            'cumulative_ad_revenue', 'cumulative_iap_revenue', 'campaign_impressions', 'campaign_clicks', 'reported_installs'] %}
        joined.{{ column }},
        {%- endfor %}
        case
            when joined.campaign_id <> '(organic)' and spend_feeds.feed_count > 0
                then coalesce(joined.spend, 0)
        end as paid_spend,
        joined.campaign_id = '(organic)' as is_organic,
        -- the feeds of the users' providers, and those of the spend's
        coalesce(
            joined.is_mature and joined.is_spend_mature,
            {{ is_mature('joined.install_date', 'joined.day_n', ['events'], 'joined') }}
        ) and {{ is_mature('joined.install_date', 'joined.day_n', ['ad_spend'], 'joined') }} as is_mature,
        coalesce(
            joined.is_revenue_mature,
            {{ is_mature('joined.install_date', 'joined.day_n', ['ad_revenue'], 'joined') }}
        ) as is_ad_revenue_mature
    from joined
    cross join spend_feeds

),

judged as (

    select
        *,
        is_mature and is_ad_revenue_mature as is_revenue_mature
    from valued

),

final as (

    select
        ---------- ids
        {{ mart_key(['app_id', 'platform', 'channel', 'campaign_id', 'install_date', 'day_n']) }} as campaign_day_id,
        app_id,
        platform,
        campaign_id,

        ---------- strings
        channel,
        {{ reporting_currency() }} as reporting_currency,

        ---------- numerics: an immature day counts on neither side of a ratio
        cast(day_n as bigint) as day_n,
        {%- for measure in [
            'tracked_installs', 'inferred_installs', 'd0_users', 'active_users', 'session_count',
            'app_open_count', 'cumulative_app_open_count',
            'inferred_app_open_count', 'inferred_cumulative_app_open_count'
        ] %}
        case when is_mature then cast({{ measure }} as bigint) end as {{ measure }},
        {%- endfor %}
        {%- for measure in ['campaign_impressions', 'campaign_clicks', 'reported_installs'] %}
        case when is_mature then {{ as_decimal(measure, 28, 6) }} end as {{ measure }},
        {%- endfor %}
        case when is_mature then {{ as_decimal('paid_spend', 28, 6) }} end as spend,
        {%- for measure in ['cumulative_ad_revenue', 'cumulative_iap_revenue'] %}
        case when is_revenue_mature then {{ as_decimal(measure, 28, 9 if 'ad_' in measure else 6) }} end as {{ measure }},
        {%- endfor %}
        case when is_mature then {{ safe_divide('active_users', 'd0_users') }} end as retention_rate,
        case when is_mature then {{ safe_divide('paid_spend', 'reported_installs') }} end as cpi,
        case when is_mature then {{ safe_divide('paid_spend', 'tracked_installs') }} end as tracked_cpi,
        case when is_mature then {{ safe_divide('paid_spend', 'active_users') }} end as cost_per_retained_user,
        case
            when is_revenue_mature
                then {{ safe_divide('cumulative_ad_revenue + cumulative_iap_revenue', 'd0_users') }}
        end as ltv,
        case when is_revenue_mature then {{ safe_divide('cumulative_ad_revenue', 'd0_users') }} end as ad_ltv,
        case when is_revenue_mature then {{ safe_divide('cumulative_iap_revenue', 'd0_users') }} end as iap_ltv,
        case
            when is_revenue_mature
                then {{ safe_divide('cumulative_ad_revenue + cumulative_iap_revenue', 'paid_spend') }}
        end as roas,
        case
            when is_revenue_mature
                then {{ safe_divide('cumulative_ad_revenue + cumulative_iap_revenue - paid_spend', 'paid_spend') }}
        end as roi,

        ---------- booleans
        is_organic,
        is_mature,
        is_revenue_mature,

        ---------- dates
        install_date
    from judged

)

select * from final
