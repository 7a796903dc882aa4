{{ config(**table_layout(date='activity_date', keys=['app_id', 'platform'])) }}
{%- set counts = {
    'sessions': [
        'session_count', 'timeout_session_count', 'reopen_session_count', 'single_event_session_count',
        'measured_session_count', 'session_interval_count', 'reengagement_count'
    ],
    'activity': ['app_open_count', 'ad_impression_count', 'refund_count'],
    'installs': ['install_count', 'inferred_install_count', 'reinstall_count']
} %}
with

installs_of_days as (

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

joined as (

    -- also the days on which nothing happened
    select
        active_users.*,
        -- a user's first session is that of a new user
        coalesce(sessions.first_session_count, 0) as new_users,
        {%- for relation, measures in counts.items() %}
        {%- for measure in measures %}
        coalesce({{ relation }}.{{ measure }}, 0) as {{ measure }},
        {%- endfor %}
        {%- endfor %}
        coalesce(sessions.total_session_length_seconds, 0) as total_session_length_seconds,
        coalesce(sessions.total_session_interval_seconds, 0) as total_session_interval_seconds,
        sessions.median_session_length_seconds,
        sessions.median_session_interval_seconds,
        {{ round_decimal('coalesce(revenue.ad_revenue, 0)', 28, 9) }} as ad_revenue,
        {{ round_decimal('coalesce(revenue.iap_revenue, 0)', 28, 6) }} as iap_revenue,
        {{ round_decimal('coalesce(revenue.refund_amount, 0)', 28, 6) }} as refund_amount,
        coalesce(
            {{ days_between('active_users.activity_date', 'completeness.events_complete_until') }} >= 0, false
        ) as is_complete
    from {{ ref('int_daily_active_users') }} as active_users
    left join {{ ref('int_app_completeness') }} as completeness
        on active_users.app_id = completeness.app_id and active_users.platform = completeness.platform
    {%- for relation, rows in [
        ('sessions', ref('int_daily_sessions')), ('activity', ref('int_daily_activity')), ('installs', 'installs_of_days'),
        ('revenue', ref('int_daily_revenue'))
    ] %}
    left join {{ rows }} as {{ relation }}
        on
            active_users.app_id = {{ relation }}.app_id
            and active_users.platform = {{ relation }}.platform
            and active_users.activity_date = {{ relation }}.activity_date
    {%- endfor %}

),

final as (

    select
        ---------- ids
        {{ mart_key(['app_id', 'platform', 'activity_date']) }} as app_day_id,
        app_id,
        platform,

        ---------- strings
        {{ reporting_currency() }} as reporting_currency,

        ---------- numerics: a user who is active is new, returning or resurrected
        dau,
        wau,
        mau,
        cast(new_users as bigint) as new_users,
        returning_users,
        cast(dau - new_users - returning_users as bigint) as resurrected_users,
        churned_users,
        {%- for measure in counts.values() | sum(start=[]) %}
        cast({{ measure }} as bigint) as {{ measure }},
        {%- endfor %}
        {%- for measure in ['total_session_length_seconds', 'total_session_interval_seconds'] %}
        {{ as_decimal(measure, 28, 6) }} as {{ measure }},
        {%- endfor %}
        ad_revenue,
        iap_revenue,
        refund_amount,
        {{ safe_divide('dau', 'mau') }} as stickiness,
        {{ safe_divide('session_count', 'dau') }} as sessions_per_user,
        {{ safe_divide('ad_impression_count', 'dau') }} as impressions_per_user,
        {{ safe_divide('total_session_length_seconds', 'measured_session_count') }} as average_session_length_seconds,
        median_session_length_seconds,
        {{ safe_divide('total_session_interval_seconds', 'session_interval_count') }}
            as average_session_interval_seconds,
        median_session_interval_seconds,
        {{ safe_divide('session_count - measured_session_count', 'session_count') }} as unmeasured_session_rate,
        {{ safe_divide('single_event_session_count', 'session_count') }} as single_event_session_rate,
        {{ safe_divide('ad_revenue + iap_revenue', 'dau') }} as arpdau,
        {{ safe_divide('ad_revenue + iap_revenue', 'session_count') }} as revenue_per_session,

        ---------- booleans
        is_complete,

        ---------- dates
        activity_date
    from joined

)

select * from final
