{{ config(**table_layout(date='activity_date', keys=['app_id', 'platform'])) }}
with

agreement as (

    select
        app_id,
        platform,
        session_date as activity_date,
        count(*) as identified_session_count,
        sum(case when is_equal then 1 else 0 end) as equal_session_count,
        sum(identified_event_count) as identified_event_count,
        sum(vendor_session_count) as vendor_session_count,
        sum(pair_count) as pair_count,
        sum(agreeing_pair_count) as agreeing_pair_count,
        sum(our_split_count) as our_split_count,
        sum(vendor_split_count) as vendor_split_count
    from {{ ref('int_session_agreement') }}
    group by app_id, platform, session_date

),

apps as (

    select distinct app_id, platform
    from agreement

),

final as (

    select
        ---------- ids
        {{ mart_key(['sessions.app_id', 'sessions.platform', 'sessions.activity_date']) }} as app_day_id,
        sessions.app_id,
        sessions.platform,

        ---------- numerics
        sessions.session_count,
        {%- for measure in ['vendor_session_count', 'equal_session_count'] %}
        cast(coalesce(agreement.{{ measure }}, 0) as bigint) as {{ measure }},
        {%- endfor %}
        cast(sessions.session_count - coalesce(agreement.identified_session_count, 0) as bigint) as session_without_id_count,
        sessions.event_count,
        cast(sessions.event_count - coalesce(agreement.identified_event_count, 0) as bigint) as event_without_id_count,
        {%- for measure in ['pair_count', 'agreeing_pair_count', 'our_split_count', 'vendor_split_count'] %}
        cast(coalesce(agreement.{{ measure }}, 0) as bigint) as {{ measure }},
        {%- endfor %}
        {{ safe_divide('agreement.equal_session_count', 'agreement.vendor_session_count') }} as equal_session_rate,
        {{ safe_divide('agreement.agreeing_pair_count', 'agreement.pair_count') }} as agreeing_pair_rate,

        ---------- dates
        sessions.activity_date
    from {{ ref('int_daily_sessions') }} as sessions
    inner join apps
        on sessions.app_id = apps.app_id and sessions.platform = apps.platform
    left join agreement
        on
            sessions.app_id = agreement.app_id
            and sessions.platform = agreement.platform
            and sessions.activity_date = agreement.activity_date

)

select * from final
