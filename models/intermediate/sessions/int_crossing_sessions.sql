{{ config(
    unique_key='crossing_id',
    indexes=lookup_indexes([['user_key']]),
    **table_layout(date='activity_date', keys=['user_key'])
) }}
{%- set scope = rebuild_scope() %}
{%- do stale_rows(is_touched_since('$row', 'started_at')) %}
{%- set crossing_sql -%}
    select
        session_id, user_key, app_id, platform, country, session_date, started_at, ended_at, start_day_n,
        installed_at
    from (
        select
            sessions.*,
            installs.installed_at,
            {{ day_n('installs.installed_at', 'sessions.started_at', 'sessions.app_id') }} as start_day_n
        from {{ ref('fct_sessions') }} as sessions
        left join {{ ref('fct_installs') }} as installs
            on sessions.user_key = installs.user_key and not installs.is_reinstall
        {{ where_touched_since(scope, 'sessions', 'started_at') }}
    ) as dated
    where
        {{ last_local_date('ended_at', 'app_id') }} <> session_date
        or {{ day_n('installed_at', 'ended_at', 'app_id') }} <> start_day_n
{%- endset -%}
{%- set crossing = computed_once('crossing', crossing_sql, is_part=scope != 'all') %}

with

crossing as (

    {{ crossing }}

),

events as (

    select
        crossing.*,
        {{ local_date('events.event_at', 'events.app_id') }} as activity_date,
        {{ day_n('crossing.installed_at', 'events.event_at', 'events.app_id') }} as day_n,
        events.provider,
        events.event_type,
        events.event_at,
        events.ad_revenue_usd,
        events.iap_revenue_usd
    from {{ events_within(crossing) }} as events
    inner join crossing
        on
            events.user_key = crossing.user_key
            and events.event_at >= crossing.started_at
            and events.event_at <= crossing.ended_at
    where events.is_activity

),

later_days as (

    select
        session_id, user_key, app_id, platform, country, session_date, started_at, start_day_n,
        activity_date,
        day_n,
        count(case when event_type = 'app_open' then 1 end) as explicit_open_count,
        count(*) as event_count,
        count(case when event_type = 'in_app_event' then 1 end) as in_app_event_count,
        count(case when event_type = 'ad_impression' then 1 end) as ad_impression_count,
        count(case when event_type = 'purchase' then 1 end) as purchase_count,
        sum(ad_revenue_usd) as ad_revenue_usd,
        sum(iap_revenue_usd) as iap_revenue_usd
    from events
    where activity_date <> session_date or day_n <> start_day_n
    group by
        session_id, user_key, app_id, platform, country, session_date, started_at, start_day_n,
        activity_date, day_n

),

repeated_opens as (

    select session_id, activity_date, day_n, count(*) as repeated_open_count
    from ({{ repeated_opens('events', ['session_id']) }}) as repeated
    group by session_id, activity_date, day_n

),

counted as (

    select
        later_days.*,
        later_days.explicit_open_count - coalesce(repeated_opens.repeated_open_count, 0) as app_open_count
    from later_days
    left join repeated_opens
        on
            later_days.session_id = repeated_opens.session_id
            and later_days.activity_date = repeated_opens.activity_date
            and {{ is_same('later_days.day_n', 'repeated_opens.day_n') }}

),

final as (

    select
        ---------- ids
        {{ mart_key(['session_id', 'activity_date', 'day_n']) }} as crossing_id,
        session_id,
        user_key,
        app_id,
        platform,

        ---------- strings
        country,

        ---------- numerics
        start_day_n,
        day_n,
        {%- for measure in [
            'app_open_count', 'event_count', 'in_app_event_count', 'ad_impression_count', 'purchase_count'
        ] %}
        cast({{ measure }} as bigint) as {{ measure }},
        {%- endfor %}
        {{ as_decimal('coalesce(ad_revenue_usd, 0)', 28, 9) }} as ad_revenue_usd,
        {{ as_decimal('coalesce(iap_revenue_usd, 0)', 28, 6) }} as iap_revenue_usd,

        ---------- dates and timestamps
        session_date,
        activity_date,
        started_at
    from counted

)

select * from final
