{{ config(
    unique_key='user_day_id',
    indexes=lookup_indexes([['user_key'], ['activity_date']]),
    **table_layout(date='activity_date', keys=['user_key'])
) }}
{%- set scope = rebuild_scope() %}
{%- do stale_rows(is_touched_since('$row', 'activity_date', kind='date')) %}
{%- set counts = ['app_open_count', 'event_count', 'in_app_event_count', 'ad_impression_count', 'purchase_count'] -%}
{%- set amounts = ['ad_revenue_usd', 'iap_revenue_usd'] -%}
{%- set of_sessions = [
    'session_count', 'measured_session_count', 'total_session_length_seconds', 'session_interval_count',
    'total_session_interval_seconds'
] %}

with

installs as (

    select user_key, installed_at
    from {{ ref('fct_installs') }}
    where not is_reinstall

),

pieces as (

    -- sessions whole, on the day of their start
    select
        sessions.user_key,
        sessions.app_id,
        sessions.platform,
        sessions.country,
        0 as country_rank,
        sessions.started_at,
        sessions.ended_at,
        sessions.session_date as activity_date,
        {{ day_n('installs.installed_at', 'sessions.started_at', 'sessions.app_id') }} as day_n,
        1 as session_count,
        case when sessions.is_measured then 1 else 0 end as measured_session_count,
        case when sessions.is_measured then sessions.session_length_seconds end as total_session_length_seconds,
        case when sessions.session_interval_seconds is not null then 1 else 0 end as session_interval_count,
        sessions.session_interval_seconds as total_session_interval_seconds,
        {%- for measure in counts + amounts %}
        sessions.{{ measure }},
        {%- endfor %}
        0 as refund_count,
        0 as refund_usd
    from {{ ref('fct_sessions') }} as sessions
    left join installs
        on sessions.user_key = installs.user_key
    {{ where_touched_since(scope, 'sessions', 'session_date', kind='date') }}
    {{ _moved_pieces(scope, of_sessions, counts + amounts) }}
    {{ _pieces_outside_sessions(scope, of_sessions) }}

),

countries as (

    -- of the first session that starts on the date, else of the one that runs into it, else of the first event
    select user_key, activity_date, country
    from (
        select
            user_key,
            activity_date,
            country,
            row_number() over (
                partition by user_key, activity_date order by country_rank, started_at, country nulls last
            ) as place
        from pieces
    ) as placed
    where place = 1

),

days as (

    select
        user_key,
        app_id,
        platform,
        activity_date,
        day_n,
        {%- for measure in of_sessions + counts + amounts + ['refund_count', 'refund_usd'] %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
        min(case when session_count = 1 then started_at end) as first_started_at,
        max(ended_at) as last_ended_at
    from pieces
    group by user_key, app_id, platform, activity_date, day_n

),

final as (

    select
        ---------- ids
        {{ mart_key(['days.user_key', 'days.activity_date', 'days.day_n'], separator='-') }} as user_day_id,
        days.user_key,
        days.app_id,
        days.platform,

        ---------- strings
        countries.country,

        ---------- numerics
        days.day_n,
        {%- for measure in ['session_count'] + counts + ['refund_count', 'measured_session_count'] %}
        cast(days.{{ measure }} as bigint) as {{ measure }},
        {%- endfor %}
        {{ as_decimal('coalesce(days.total_session_length_seconds, 0)', 28, 6) }} as total_session_length_seconds,
        cast(days.session_interval_count as bigint) as session_interval_count,
        {{ as_decimal('coalesce(days.total_session_interval_seconds, 0)', 28, 6) }} as total_session_interval_seconds,
        {{ as_decimal('days.ad_revenue_usd', 28, 9) }} as ad_revenue_usd,
        {{ as_decimal('days.iap_revenue_usd', 28, 6) }} as iap_revenue_usd,
        {{ as_decimal('days.refund_usd', 28, 6) }} as refund_usd,

        ---------- booleans
        days.event_count > 0 as is_active,

        ---------- dates and timestamps
        days.activity_date,
        days.first_started_at,
        days.last_ended_at
    from days
    inner join countries
        on days.user_key = countries.user_key and days.activity_date = countries.activity_date

)

select * from final
{{ stored_order(['activity_date']) if scope == 'all' }}
