{{ config(**table_layout(date='install_date', keys=['app_id', 'campaign_id'])) }}
{%- set keys = ['app_id', 'platform', 'channel', 'campaign_id', 'day_n'] %}
{%- set of_inferred = ['app_open_count', 'cumulative_app_open_count'] %}
{%- set counts = ['tracked_installs', 'd0_users', 'active_users', 'session_count'] + of_inferred %}
{%- set inferred_counts = ['inferred_installs', 'inferred_app_open_count', 'inferred_cumulative_app_open_count'] %}
{%- set of_spend = ['campaign_impressions', 'campaign_clicks', 'reported_installs'] %}
{%- set revenues = ['cumulative_ad_revenue', 'cumulative_iap_revenue'] %}
{%- set spend_feed_count = '(select count(*) from ' ~ ref('int_feed_loads') ~ " as loads where loads.feed = 'ad_spend')" %}

with

cohort_days as (

    -- cohorts whose install was inferred are in the sums, and beside them
    select
        {{ keys | join(', ') }}, install_date,
        {%- for measure in counts + revenues %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
        sum(case when is_install_inferred then tracked_installs else 0 end) as inferred_installs,
        {%- for measure in of_inferred %}
        sum(case when is_install_inferred then {{ measure }} else 0 end) as inferred_{{ measure }},
        {%- endfor %}
        min(case when is_mature and is_spend_mature then 1 else 0 end) = 1 as is_cohort_mature,
        min(case when is_revenue_mature then 1 else 0 end) = 1 as is_cohort_revenue_mature
    from {{ ref('mart_cohorts_n_day') }}
    where day_n in ({{ var('n_days') | join(', ') }})
    group by {{ keys | join(', ') }}, install_date

),

spend as (

    select spend.*, days.day_n
    from ({{ _rows_of(var('n_days'), 'day_n') }}) as days
    cross join {{ ref('int_cohort_spend') }} as spend

),

joined as (

    -- spend without installs and installs without spend both stay
    select
        {%- for key in keys %}
        coalesce(cohort_days.{{ key }}, spend.{{ key }}) as {{ key }},
        {%- endfor %}
        coalesce(cohort_days.install_date, spend.spend_date) as install_date,
        {%- for measure in counts + inferred_counts + revenues %}
        coalesce(cohort_days.{{ measure }}, 0) as {{ measure }},
        {%- endfor %}
        {%- for measure in ['spend'] + of_spend %}
        spend.{{ measure }},
        {%- endfor %}
        spend.events_complete_until,
        spend.ad_spend_complete_until,
        spend.ad_revenue_complete_until,
        cohort_days.is_cohort_mature,
        cohort_days.is_cohort_revenue_mature
    from cohort_days
    full outer join spend
        on
            {{ _same_cohort('cohort_days', 'spend', but=['install_date', 'is_install_inferred']) }}
            and cohort_days.install_date = spend.spend_date
            and cohort_days.day_n = spend.day_n

),

valued as (

    select
        joined.*,
        -- a paid campaign without a row in the feed spent nothing, if there is a feed at all; organic users were not bought
        case
            when joined.campaign_id <> '(organic)' and {{ spend_feed_count }} > 0
                then coalesce(joined.spend, 0)
        end as paid_spend,
        -- the feeds of the users' providers, and those of the spend's
        coalesce(joined.is_cohort_mature, {{ is_mature('joined.install_date', 'joined.day_n', ['events'], 'joined') }})
        and {{ is_mature('joined.install_date', 'joined.day_n', ['ad_spend'], 'joined') }} as is_mature,
        coalesce(joined.is_cohort_revenue_mature, {{ is_mature('joined.install_date', 'joined.day_n', ['ad_revenue'], 'joined') }})
            as is_ad_revenue_mature
    from joined

),

judged as (

    select
        *,
        campaign_id = '(organic)' as is_organic,
        is_mature and is_ad_revenue_mature as is_revenue_mature
    from valued

),

final as (

    select
        ---------- ids
        {{ mart_key(keys[:-1] + ['install_date', 'day_n']) }} as campaign_day_id,
        app_id,
        platform,
        campaign_id,

        ---------- strings
        channel,
        {{ reporting_currency() }} as reporting_currency,

        ---------- numerics: an immature day counts on neither side of a ratio
        cast(day_n as bigint) as day_n,
        {%- for measure in counts + inferred_counts %}
        case when is_mature then cast({{ measure }} as bigint) end as {{ measure }},
        {%- endfor %}
        {%- for measure in of_spend %}
        case when is_mature then {{ as_decimal(measure, 28, 6) }} end as {{ measure }},
        {%- endfor %}
        case when is_mature then {{ as_decimal('paid_spend', 28, 6) }} end as spend,
        {%- for measure in revenues %}
        case when is_revenue_mature then {{ as_decimal(measure, 28, 9 if 'ad_' in measure else 6) }} end as {{ measure }},
        {%- endfor %}
        {%- for ratio, of, by in [
            ('retention_rate', 'active_users', 'd0_users'), ('cpi', 'paid_spend', 'reported_installs'),
            ('tracked_cpi', 'paid_spend', 'tracked_installs'), ('cost_per_retained_user', 'paid_spend', 'active_users')
        ] %}
        case when is_mature then {{ safe_divide(of, by) }} end as {{ ratio }},
        {%- endfor %}
        {%- set revenue = revenues | join(' + ') %}
        {%- for ratio, of, by in [
            ('ltv', revenue, 'd0_users'), ('ad_ltv', revenues[0], 'd0_users'), ('iap_ltv', revenues[1], 'd0_users'),
            ('roas', revenue, 'paid_spend'), ('roi', revenue ~ ' - paid_spend', 'paid_spend')
        ] %}
        case when is_revenue_mature then {{ safe_divide(of, by) }} end as {{ ratio }},
        {%- endfor %}

        ---------- booleans
        is_organic,
        is_mature,
        is_revenue_mature,

        ---------- dates
        install_date
    from judged

)

select * from final
