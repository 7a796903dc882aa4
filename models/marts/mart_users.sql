{{ config(
    unique_key='user_key',
    meta={'handles': ['dim_campaigns']},
    indexes=lookup_indexes([['user_key']]),
    **table_layout(keys=['user_key'])
) }}
{%- set scope = rebuild_scope() %}
-- those whose part of a day's network revenue changed are among the rebuilt
{%- do stale_rows('(' ~ is_touched_user('$row') ~ ' or $row.user_key in (select rebuilt.user_key from $rebuilt as rebuilt))') %}
{%- set counts = [
    'session_count', 'app_open_count', 'event_count', 'ad_impression_count', 'purchase_count', 'refund_count',
    'measured_session_count', 'session_interval_count'
] %}
{%- set seconds = ['total_session_length_seconds', 'total_session_interval_seconds'] %}

with
{% if scope != 'all' %}
touched as (

    select distinct user_key
    from (
        {{ _touched_users() }}
        {%- if has_new_content('dim_campaigns') %}
        union all
        -- a campaign is reported under another name or channel
        select known.user_key
        from {{ this }} as known
        inner join {{ ref('int_cohort_users') }} as cohorts
            on known.user_key = cohorts.user_key
        where
            not ({{ is_same('known.campaign_id', 'cohorts.campaign_id') }})
            or not ({{ is_same('known.channel', 'cohorts.channel') }})
        {%- endif %}
    ) as all_touched

),
{% endif %}
users as (

    select *
    from {{ ref('int_users') }}
    {%- if scope != 'all' %}
    where user_key in (select touched.user_key from touched)
    {%- endif %}

),

activity as (

    select
        days.user_key,
        count(distinct case when days.is_active then days.activity_date end) as active_days,
        {%- for measure in counts + seconds %}
        sum(days.{{ measure }}) as {{ measure }},
        {%- endfor %}
        sum({{ in_reporting_currency('days.ad_revenue_usd', 'dates.reporting_units_per_usd') }}) as ad_revenue,
        sum({{ in_reporting_currency('days.iap_revenue_usd', 'dates.reporting_units_per_usd') }}) as iap_revenue,
        sum({{ in_reporting_currency('days.refund_usd', 'dates.reporting_units_per_usd') }}) as refund_amount
    from {{ ref('fct_user_days') }} as days
    inner join {{ ref('dim_dates') }} as dates
        on days.activity_date = dates.date_day
    {%- if scope != 'all' %}
    where days.user_key in (select touched.user_key from touched)
    {%- endif %}
    group by days.user_key

),

network_revenue as (

    select
        days.user_key,
        sum({{ in_reporting_currency('days.network_ad_revenue_usd', 'dates.reporting_units_per_usd') }}) as ad_revenue
    from {{ ref('int_user_days') }} as days
    inner join {{ ref('dim_dates') }} as dates
        on days.activity_date = dates.date_day
    where
        days.activity_date in (select revenue.revenue_date from {{ ref('fct_ad_revenue') }} as revenue)
        {%- if scope != 'all' %}
        and days.user_key in (select touched.user_key from touched)
        {%- endif %}
    group by days.user_key

),

final as (

    select
        ---------- ids
        users.user_key,
        users.app_id,
        users.platform,
        users.user_id,
        cohorts.campaign_id,

        ---------- strings
        cohorts.channel,
        users.install_country,
        users.last_country,
        users.last_app_version,
        {{ reporting_currency() }} as reporting_currency,

        ---------- numerics
        cast(activity.active_days as bigint) as active_days,
        {%- for measure in counts %}
        cast(activity.{{ measure }} as bigint) as {{ measure }},
        {%- endfor %}
        {%- for measure in seconds %}
        {{ round_decimal('activity.' ~ measure, 28, 6) }} as {{ measure }},
        {%- endfor %}
        {{ round_decimal('activity.ad_revenue + coalesce(network_revenue.ad_revenue, 0)', 28, 9) }} as ad_revenue,
        {{ round_decimal('activity.iap_revenue', 28, 6) }} as iap_revenue,
        {{ round_decimal('activity.refund_amount', 28, 6) }} as refund_amount,
        {{ safe_divide('activity.total_session_length_seconds', 'activity.measured_session_count') }}
            as average_session_length_seconds,
        {{ safe_divide('activity.total_session_interval_seconds', 'activity.session_interval_count') }}
            as average_session_interval_seconds,

        ---------- booleans
        users.is_install_inferred,

        ---------- dates and timestamps
        users.install_date,
        users.installed_at,
        users.first_seen_at,
        users.last_seen_at
    from users
    inner join activity
        on users.user_key = activity.user_key
    left join network_revenue
        on users.user_key = network_revenue.user_key
    left join {{ ref('int_cohort_users') }} as cohorts
        on users.user_key = cohorts.user_key

)

select * from final
