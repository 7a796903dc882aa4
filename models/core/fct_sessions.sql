{{ config(
    unique_key='session_id',
    indexes=lookup_indexes([['user_key'], ['session_date']]),
    **table_layout(date='session_date', keys=['user_key'])
) }}
{%- set settings = session_settings() %}
{%- set scope = rebuild_scope() %}
{%- do stale_rows(is_touched_since('$row', 'started_at')) %}

with

-- of all sessions of the users, also of those that stay as they are; windows sort what they carry along: this
-- runs over keys and times, and the rest joins later
ordered as (

    select
        user_key,
        started_at,
        ended_at,
        {%- if not var('infer_installs') %}
        -- stands in for the install of a user whose install is not to be inferred
        first_value(touch_campaign_id) over (partition by user_key order by started_at rows unbounded preceding) as first_campaign_id,
        {%- endif %}
        lag(ended_at) over (partition by user_key order by started_at) as previous_ended_at,
        row_number() over (partition by user_key order by started_at) as session_number
    from {{ ref('int_sessions') }}
    {{ where_touched(scope) }}

),

installs as (

    select
        user_key,
        campaign_id,
        installed_at,
        {{ session_setting('session_timeout_seconds', settings) }} * cast(1000000 as bigint) as timeout_us
    from {{ ref('fct_installs') }}
    where not is_reinstall

),

near_install as (

    -- the install's session: the first within one timeout of the install
    select ordered.user_key, min(ordered.started_at) as started_at
    from ordered
    inner join installs
        on ordered.user_key = installs.user_key
    where
        {{ epoch_us('installs.installed_at') }} - installs.timeout_us < {{ epoch_us('ordered.ended_at') }}
        and {{ epoch_us('ordered.started_at') }} < {{ epoch_us('installs.installed_at') }} + installs.timeout_us
    group by ordered.user_key

),

placed as (

    select
        sessions.*,
        ordered.session_number,
        near_install.user_key is not null as is_first_session,
        {{ seconds_between('sessions.started_at', 'sessions.ended_at') }} as span_seconds,
        {{ seconds_between('ordered.previous_ended_at', 'sessions.started_at') }} as session_interval_seconds,
        {{ 'installs.campaign_id' if var('infer_installs')
            else 'case when installs.user_key is null then ordered.first_campaign_id else installs.campaign_id end' }}
            as acquiring_campaign_id
    from {{ ref('int_sessions') }} as sessions
    inner join ordered
        on sessions.user_key = ordered.user_key and sessions.started_at = ordered.started_at
    left join installs
        on sessions.user_key = installs.user_key
    left join near_install
        on sessions.user_key = near_install.user_key and sessions.started_at = near_install.started_at
    {{ where_touched_since(scope, 'sessions', 'started_at') }}

),

credited as (

    -- re-engaged: the provider says so; else another campaign after a silence
    select
        *,
        {{ session_setting('session_timeout_seconds', settings) }} as timeout_seconds,
        span_seconds > {{ session_setting('max_session_seconds', settings) }} as exceeds_max_length,
        has_reengagement
        or coalesce(
            touch_campaign_id is not null
            and not ({{ is_same('touch_campaign_id', 'acquiring_campaign_id') }})
            and not is_first_session
            and session_interval_seconds >= {{ var('reengagement_inactivity_days') }} * 86400,
            false
        ) as is_reengagement
    from placed

),

final as (

    select
        ---------- ids
        {{ session_id('user_key', 'started_at') }} as session_id,
        user_key,
        app_id,
        platform,
        user_id,
        case
            when has_reengagement then reengagement_campaign_id
            when is_reengagement then touch_campaign_id
        end as reengagement_campaign_id,

        ---------- strings
        country,
        app_version,
        case when session_number = 1 then 'first' when is_reopen then 'reopen' else 'timeout' end as start_reason,

        ---------- numerics
        cast(session_number as bigint) as session_number,
        -- an app left open in a pocket may report hours that no event supports
        {{ as_decimal('least(coalesce(explicit_duration_seconds, span_seconds), span_seconds + timeout_seconds)', 18, 6) }}
            as session_length_seconds,
        {{ as_decimal('session_interval_seconds', 18, 6) }} as session_interval_seconds,
        event_count,
        case when explicit_open_count > 1 then explicit_open_count else 1 end as app_open_count,
        in_app_event_count,
        ad_impression_count,
        purchase_count,
        ad_revenue_usd,
        iap_revenue_usd,

        ---------- booleans
        is_first_session,
        is_reengagement,
        exceeds_max_length,
        not exceeds_max_length
        and (explicit_duration_seconds is not null or span_seconds >= {{ var('min_measured_seconds') }})
            as is_measured,

        ---------- dates and timestamps
        {{ local_date('started_at', 'app_id') }} as session_date,
        started_at,
        ended_at,
        loaded_at
    from credited

)

select * from final
