{{ config(
    materialized='tracked',
    unique_key=['app_id', 'platform', 'activity_date'],
    **table_layout(date='activity_date', keys=['app_id', 'platform'])
) }}
{%- set scope = rebuild_scope() %}
{%- set first_date = first_touched_date() if scope == 'touched' %}
{%- do stale_rows('$row.activity_date >= ' ~ first_date) %}
{%- set start_reasons = ['first', 'timeout', 'reopen'] %}

with

sessions as (

    select *
    from {{ ref('fct_sessions') }}
    {%- if first_date %}
    where session_date >= {{ first_date }}
    {%- endif %}

),

lengths as (

    select
        sessions.app_id,
        sessions.platform,
        sessions.session_date as activity_date,
        count(*) as session_count,
        {%- for reason in start_reasons %}
        count(case when sessions.start_reason = '{{ reason }}' then 1 end) as {{ reason }}_session_count,
        {%- endfor %}
        count(case when sessions.event_count = 1 then 1 end) as single_event_session_count,
        sum(sessions.event_count) as event_count,
        count(case when sessions.is_reengagement then 1 end) as reengagement_count,
        count(case when sessions.is_measured then 1 end) as measured_session_count,
        sum(case when sessions.is_measured then sessions.session_length_seconds end) as total_session_length_seconds,
        {{ median('case when sessions.is_measured then sessions.session_length_seconds end') }}
            as median_session_length_seconds
    from sessions
    group by sessions.app_id, sessions.platform, sessions.session_date

),

intervals as (

    -- by itself: Redshift takes one order of medians per select
    select
        app_id,
        platform,
        session_date as activity_date,
        count(session_interval_seconds) as session_interval_count,
        sum(session_interval_seconds) as total_session_interval_seconds,
        {{ median('session_interval_seconds') }} as median_session_interval_seconds
    from sessions
    group by app_id, platform, session_date

),

final as (

    select
        ---------- ids
        lengths.app_id,
        lengths.platform,

        ---------- numerics
        cast(lengths.session_count as bigint) as session_count,
        {%- for reason in start_reasons %}
        cast(lengths.{{ reason }}_session_count as bigint) as {{ reason }}_session_count,
        {%- endfor %}
        {%- for measure in ['event_count', 'single_event_session_count', 'reengagement_count', 'measured_session_count'] %}
        cast(lengths.{{ measure }} as bigint) as {{ measure }},
        {%- endfor %}
        cast(intervals.session_interval_count as bigint) as session_interval_count,
        {{ as_decimal('coalesce(lengths.total_session_length_seconds, 0)', 28, 6) }} as total_session_length_seconds,
        {{ as_decimal('coalesce(intervals.total_session_interval_seconds, 0)', 28, 6) }} as total_session_interval_seconds,
        cast(lengths.median_session_length_seconds as {{ type_double() }}) as median_session_length_seconds,
        cast(intervals.median_session_interval_seconds as {{ type_double() }}) as median_session_interval_seconds,

        ---------- dates
        lengths.activity_date
    from lengths
    inner join intervals
        on
            lengths.app_id = intervals.app_id
            and lengths.platform = intervals.platform
            and lengths.activity_date = intervals.activity_date

)

select * from final
