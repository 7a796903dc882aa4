{{ config(**table_layout(date='activity_date', keys=['app_id', 'platform'])) }}
with

active_users as (

    select *
    from {{ ref('int_daily_active_users') }}

),

sessions as (

    select *
    from {{ ref('int_daily_sessions') }}

),

installs as (

    select
        app_id,
        platform,
        install_date as activity_date,
        count(case when not is_reinstall then 1 end) as install_count,
        count(case when is_install_inferred then 1 end) as inferred_install_count,
        count(case when is_reinstall then 1 end) as reinstall_count
    from {{ ref('fct_installs') }}
    group by app_id, platform, install_date

),

app_providers as (

    select distinct app_id, platform, provider
    from {{ ref('fct_installs') }}

),

completeness as (

    -- a day waits for the slowest of the app's providers, but not for one that is no longer configured
    select
        app_providers.app_id,
        app_providers.platform,
        {{ last_complete_date(
            "coalesce(min(case when app_providers.provider in ('" ~ var('providers') | join("', '")
            ~ "') then feeds.events_loaded_at end), max(feeds.events_loaded_at))"
        ) }} as events_complete_until
    from app_providers
    inner join {{ ref('int_feed_completeness') }} as feeds
        on app_providers.provider = feeds.provider
    group by app_providers.app_id, app_providers.platform

),

network_revenue as (

    select
        app_id,
        platform,
        revenue_date as activity_date,
        sum(revenue_usd) as ad_revenue_usd
    from {{ ref('int_ad_revenue_allocation') }}
    where allocation = 'sessions'
    group by app_id, platform, revenue_date

),

revenue as (

    select
        active_users.app_id,
        active_users.platform,
        active_users.activity_date,
        {% set ad_revenue_usd = as_decimal(
            'active_users.ad_revenue_usd + coalesce(network_revenue.ad_revenue_usd, 0)', 28, 9
        ) -%}
        {{ in_reporting_currency(ad_revenue_usd, 'dates.reporting_units_per_usd') }} as ad_revenue,
        {{ in_reporting_currency('active_users.iap_revenue_usd', 'dates.reporting_units_per_usd') }} as iap_revenue,
        {{ in_reporting_currency('active_users.refund_usd', 'dates.reporting_units_per_usd') }} as refund_amount
    from active_users
    inner join {{ ref('dim_dates') }} as dates
        on active_users.activity_date = dates.date_day
    left join network_revenue
        on
            active_users.app_id = network_revenue.app_id
            and active_users.platform = network_revenue.platform
            and active_users.activity_date = network_revenue.activity_date

),

final as (

    select
        ---------- ids
        {{ mart_key(['active_users.app_id', 'active_users.platform', 'active_users.activity_date']) }} as app_day_id,
        active_users.app_id,
        active_users.platform,

        ---------- strings
        {{ reporting_currency() }} as reporting_currency,

        ---------- numerics
        {%- for window in ['dau', 'wau', 'mau'] %}
        cast(active_users.{{ window }} as bigint) as {{ window }},
        {%- endfor %}
        {%- for joined, measures in [
            ('sessions', [
                'session_count', 'measured_session_count', 'session_interval_count', 'reengagement_count'
            ]),
            ('active_users', ['app_open_count', 'refund_count']),
            ('installs', ['install_count', 'inferred_install_count', 'reinstall_count'])
        ] %}
        {%- for measure in measures %}
        cast(coalesce({{ joined }}.{{ measure }}, 0) as bigint) as {{ measure }},
        {%- endfor %}
        {%- endfor %}
        {{ as_decimal('coalesce(sessions.total_session_length_seconds, 0)', 28, 6) }} as total_session_length_seconds,
        {{ as_decimal('coalesce(sessions.total_session_interval_seconds, 0)', 28, 6) }} as total_session_interval_seconds,
        {{ round_decimal('coalesce(revenue.ad_revenue, 0)', 28, 9) }} as ad_revenue,
        {{ round_decimal('coalesce(revenue.iap_revenue, 0)', 28, 6) }} as iap_revenue,
        {{ round_decimal('coalesce(revenue.refund_amount, 0)', 28, 6) }} as refund_amount,
        {{ safe_divide('active_users.dau', 'active_users.mau') }} as stickiness,
        {{ safe_divide('sessions.session_count', 'active_users.dau') }} as sessions_per_user,
        {{ safe_divide('sessions.total_session_length_seconds', 'sessions.measured_session_count') }}
            as average_session_length_seconds,
        sessions.median_session_length_seconds,
        {{ safe_divide('sessions.total_session_interval_seconds', 'sessions.session_interval_count') }}
            as average_session_interval_seconds,
        sessions.median_session_interval_seconds,
        {{ safe_divide('sessions.session_count - sessions.measured_session_count', 'sessions.session_count') }}
            as unmeasured_session_rate,
        {{ safe_divide('revenue.ad_revenue + revenue.iap_revenue', 'active_users.dau') }} as arpdau,

        ---------- booleans
        coalesce(
            {{ days_between('active_users.activity_date', 'completeness.events_complete_until') }} >= 0, false
        ) as is_complete,

        ---------- dates
        active_users.activity_date
    from active_users
    left join completeness
        on active_users.app_id = completeness.app_id and active_users.platform = completeness.platform
    {%- for joined in ['sessions', 'installs', 'revenue'] %}
    left join {{ joined }}
        on
            active_users.app_id = {{ joined }}.app_id
            and active_users.platform = {{ joined }}.platform
            and active_users.activity_date = {{ joined }}.activity_date
    {%- endfor %}

)

select * from final
