{{ config(
    materialized='incremental',
    incremental_strategy='touched_chains',
    on_schema_change='ignore',
    meta={'computed': ['events', 'sessions']},
    post_hook=["{{ record_watermark('int_event_log', int_sessions_definition()) }}", "{{ refresh_statistics() }}"],
    **table_layout(date='started_at', keys=['user_key'])
) }}
{%- do one_snapshot() %}

-- depends_on: {{ ref('session_settings') }}
-- depends_on: {{ ref('exchange_rates') }}
{%- set settings = session_settings() -%}
{%- set timeout_seconds = session_setting('session_timeout_seconds', settings) -%}
{%- set scope = rebuild_scope('int_event_log', int_sessions_definition()) -%}
{%- set ranges = span_ranges(touched_spans(this, 'int_event_log')) if scope == 'touched' else [] %}

{%- set events_sql -%}
    {% if scope == 'touched' -%}
    with spans as ({{ touched_spans(this, 'int_event_log') }})

    {% endif -%}
    {% for range in ranges or [none] -%}
    select candidates.*
    from {{ ref('int_events') }} as candidates
    where
        candidates.is_activity
        {%- if range %}
        and candidates.event_at >= {{ range[0] }}
        and candidates.event_at <= {{ range[1] }}
        and exists (
            select 1 from spans
            where
                spans.user_key = candidates.user_key
                and candidates.event_at >= spans.span_started_at
                and candidates.event_at <= spans.span_ended_at
        )
        {%- elif scope != 'all' %}
        and 1 = 0
        {%- endif %}
    {{ 'union all ' if not loop.last }}
    {%- endfor %}
{%- endset -%}
{%- set events = computed_once('events', events_sql) -%}
{%- set sessions_sql = sessionize(
    relation='events',
    timeout_seconds=timeout_seconds,
    close_grace_seconds=session_setting('close_grace_seconds', settings),
    event_type='event_type',
    constants={'app_id': 'app_id', 'platform': 'platform', 'user_id': 'user_id'},
    counts={
        'event_count': 'true',
        'explicit_open_count': "event_type = 'app_open'",
        'in_app_event_count': "event_type = 'in_app_event'",
        'ad_impression_count': "event_type = 'ad_impression'",
        'purchase_count': "event_type = 'purchase'",
        'reengagement_count': "is_reengagement or event_type = 'reengagement'"
    },
    sums={
        'ad_revenue_usd': 'ad_revenue_usd',
        'iap_revenue_usd': 'iap_revenue_usd',
        'explicit_duration_seconds': 'duration_seconds'
    },
    minima={
        'acquired_at': 'installed_at',
        'first_touch_at': 'case when campaign_id is not null then event_at end',
        'first_reengagement_at':
            "case when (is_reengagement or event_type = 'reengagement')"
            ~ ' and campaign_id is not null then event_at end'
    },
    maxima={
        'loaded_at': 'loaded_at'
    }
) %}

with

events as {{ inline_cte() if scope == 'all' }} (

    {{ events }}

),

sessions as (

    {{ computed_once('sessions', sessions_sql, {'events': events}) }}

),

first_events as (

    -- of several events at the first instant, the smallest value
    select
        sessions.user_key,
        sessions.started_at,
        min(events.country) as country,
        min(events.app_version) as app_version
    from sessions
    inner join events
        on sessions.user_key = events.user_key and sessions.started_at = events.event_at
    group by sessions.user_key, sessions.started_at

),

{% for kind, condition in [
    ('touch', 'campaign_id is not null'),
    ('reengagement', "campaign_id is not null and (is_reengagement or event_type = 'reengagement')")
] %}
first_{{ kind }}_events as (

    select user_key, event_at, campaign_id, channel
    from (
        select
            user_key, event_at, campaign_id, channel,
            row_number() over (
                partition by user_key, event_at
                order by campaign_id nulls last, channel nulls last
            ) as place
        from events
        where
            {{ condition }}
            and exists (
                select 1 from sessions
                where
                    sessions.user_key = events.user_key
                    and sessions.first_{{ kind }}_at = events.event_at
                    and sessions.first_{{ kind }}_at is not null
            )
    ) as placed
    where place = 1

),

{% endfor %}
final as (

    select
        ---------- ids
        sessions.user_key,
        sessions.app_id,
        sessions.platform,
        sessions.user_id,
        first_touch_events.campaign_id as touch_campaign_id,
        first_reengagement_events.campaign_id as reengagement_campaign_id,

        ---------- strings
        first_events.country,
        first_events.app_version,
        first_touch_events.channel as touch_channel,

        ---------- numerics
        {% for measure in [
            'event_count', 'explicit_open_count', 'in_app_event_count', 'ad_impression_count', 'purchase_count'
        ] -%}
        cast(sessions.{{ measure }} as bigint) as {{ measure }},
        {% endfor -%}
        {{ as_decimal('coalesce(sessions.ad_revenue_usd, 0)', 28, 6) }} as ad_revenue_usd,
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
    inner join first_events
        on sessions.user_key = first_events.user_key and sessions.started_at = first_events.started_at
    {%- for kind in ['touch', 'reengagement'] %}
    left join first_{{ kind }}_events
        on
            sessions.user_key = first_{{ kind }}_events.user_key
            and sessions.first_{{ kind }}_at = first_{{ kind }}_events.event_at
    {%- endfor %}

)

select * from final
