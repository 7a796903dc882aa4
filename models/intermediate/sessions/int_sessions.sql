{{ config(
    unique_key=['user_key', 'started_at'],
    meta={'built_after': ['int_install_clues', 'int_money_events']},
    **table_layout(date='started_at', keys=['user_key'])
) }}

-- which consume the same changes: done before more are noted here
-- depends_on: {{ ref('int_install_clues') }}, {{ ref('int_money_events') }}
{%- set settings = session_settings() -%}
{%- set place_and_version = fingerprint(['country', 'app_version']) -%}
{%- set reengages = "(is_reengagement or event_type = 'reengagement')" -%}
{%- set timeout_seconds = session_setting('session_timeout_seconds', settings) -%}
{%- set scope = rebuild_scope() -%}
{%- set chains = touched_chains(this) if scope == 'touched' -%}
{%- do stale_rows(is_in_touched_chain('$row', chains), keeps_equal=false) -%}
{%- do notes_changes('select user_key, min(chain_started_at) as event_at from $rebuilt group by user_key') -%}

{%- set columns = [
    'provider', 'user_key', 'app_id', 'platform', 'user_id', 'campaign_id', 'event_type', 'country', 'app_version', 'channel',
    'iap_revenue_usd', 'ad_revenue_usd', 'duration_seconds', 'is_reengagement', 'event_at', 'loaded_at', 'installed_at'
] -%}
{%- set events_sql -%}
    {% if scope == 'touched' -%}
    {{ touched_events(computed_once('chains', chains, is_part=true), columns) }}
    {%- else -%}
    select {{ columns | join(', ') }}
    from {{ ref('int_events') }}
    where is_activity
    {%- endif %}
{%- endset -%}
{%- set events = computed_once('events', events_sql, is_part=scope != 'all', is_plain=scope == 'all') -%}
{%- set sessions_sql = sessionize(
    relation='events',
    timeout_seconds=timeout_seconds,
    close_grace_seconds=session_setting('close_grace_seconds', settings),
    event_type='event_type',
    constants={
        'app_id': 'app_id', 'platform': 'platform', 'user_id': 'user_id',
        'some_country': 'country', 'some_app_version': 'app_version'
    },
    counts={
        'event_count': 'true',
        'explicit_open_count': "event_type = 'app_open'",
        'in_app_event_count': "event_type = 'in_app_event'",
        'ad_impression_count': "event_type = 'ad_impression'",
        'purchase_count': "event_type = 'purchase'",
        'reengagement_count': reengages
    },
    sums={
        'ad_revenue_usd': 'ad_revenue_usd',
        'iap_revenue_usd': 'iap_revenue_usd',
        'explicit_duration_seconds': 'duration_seconds'
    },
    minima={
        'provider': 'provider',
        'acquired_at': 'installed_at',
        'least_fingerprint': place_and_version,
        'first_touch_at': 'case when campaign_id is not null then event_at end',
        'first_reengagement_at': 'case when ' ~ reengages ~ ' and campaign_id is not null then event_at end'
    },
    maxima={'loaded_at': 'loaded_at', 'greatest_fingerprint': place_and_version},
    texts=['provider'],
    ctes={'events': events}
) %}

with

events as {{ inline_cte() if scope == 'all' }} (

    {{ events }}

),

sessions as (

    {{ computed_once('sessions', sessions_sql, {'events': events}, is_part=scope != 'all') }}

),

repeated_opens as (

    {{ repeated_open_counts('events', 'sessions') }}

),

{{ _session_attributes(reengages) }}

final as (

    select
        ---------- ids
        sessions.provider,
        sessions.user_key,
        sessions.app_id,
        sessions.platform,
        sessions.user_id,
        attributes.touch_campaign_id,
        attributes.reengagement_campaign_id,

        ---------- strings
        {% for name in ['country', 'app_version'] -%}
        case
            when sessions.least_fingerprint = sessions.greatest_fingerprint then sessions.some_{{ name }}
            else attributes.{{ name }}
        end as {{ name }},
        {% endfor -%}
        attributes.touch_channel,

        ---------- numerics
        cast(sessions.event_count as bigint) as event_count,
        cast(sessions.explicit_open_count - coalesce(repeated_opens.repeated_open_count, 0) as bigint) as explicit_open_count,
        {% for measure in ['in_app_event_count', 'ad_impression_count', 'purchase_count'] -%}
        cast(sessions.{{ measure }} as bigint) as {{ measure }},
        {% endfor -%}
        {{ as_decimal('coalesce(sessions.ad_revenue_usd, 0)', 28, 9) }} as ad_revenue_usd,
        {{ as_decimal('coalesce(sessions.iap_revenue_usd, 0)', 28, 6) }} as iap_revenue_usd,
        {{ as_decimal('sessions.explicit_duration_seconds', 28, 6) }} as explicit_duration_seconds,

        ---------- booleans
        sessions.start_reason = 'reopen' as is_reopen,
        sessions.reengagement_count > 0 as has_reengagement,

        ---------- timestamps
        sessions.chain_started_at,
        sessions.started_at,
        sessions.ended_at,
        sessions.acquired_at,
        sessions.loaded_at
    from sessions
    left join attributes
        on sessions.user_key = attributes.user_key and sessions.started_at = attributes.started_at
    left join repeated_opens
        on sessions.user_key = repeated_opens.user_key and sessions.started_at = repeated_opens.started_at

)

select * from final
