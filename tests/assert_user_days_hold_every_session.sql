{%- set measures = [
    'event_count', 'app_open_count', 'in_app_event_count', 'ad_impression_count',
    'purchase_count', 'ad_revenue_usd', 'iap_revenue_usd'
] %}

with

sessions as (

    select
        app_id,
        platform,
        session_date as activity_date,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
        count(*) as session_count
    from {{ ref('fct_sessions') }}
    group by app_id, platform, session_date

),

user_days as (

    select
        app_id,
        platform,
        activity_date,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
        sum(session_count) as session_count
    from {{ ref('fct_user_days') }}
    group by app_id, platform, activity_date

),

final as (

    select
        coalesce(sessions.app_id, user_days.app_id) as app_id,
        coalesce(sessions.platform, user_days.platform) as platform,
        coalesce(sessions.activity_date, user_days.activity_date) as activity_date,
        {%- for measure in measures %}
        coalesce(sessions.{{ measure }}, 0) as {{ measure }}_of_sessions,
        coalesce(user_days.{{ measure }}, 0) as {{ measure }}_of_user_days,
        {%- endfor %}
        coalesce(sessions.session_count, 0) as session_count,
        coalesce(user_days.session_count, 0) as session_count_of_user_days
    from sessions
    full outer join user_days
        on
            sessions.app_id = user_days.app_id
            and sessions.platform = user_days.platform
            and sessions.activity_date = user_days.activity_date

)

select * from final
where
    session_count <> session_count_of_user_days
    {%- for measure in measures %}
    or {{ measure }}_of_sessions <> {{ measure }}_of_user_days
    {%- endfor %}
