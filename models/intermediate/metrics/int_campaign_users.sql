{{ config(materialized='tracked_view') }}
{%- set last_day_n = 7 %}
with

users as (

    select
        users.*,
        {{ last_complete_date('completeness.events_loaded_at', 'users.app_id') }} as events_complete_until
    from {{ ref('int_cohort_users') }} as users
    left join {{ ref('int_feed_completeness') }} as completeness
        on users.provider = completeness.provider and users.app_id = completeness.app_id

),

weeks as (

    -- the first week of each user's life: what is late in life says nothing of a young campaign
    select
        user_key,
        {%- for day_n in [0, 1, 7] %}
        max(case when day_n = {{ day_n }} and is_active then 1 else 0 end) as is_d{{ day_n }}_active,
        {%- endfor %}
        max(case when day_n > 0 and is_active then 1 else 0 end) as has_returned,
        sum(session_count) as session_count,
        sum(app_open_count) as app_open_count,
        sum(total_session_length_seconds) as total_session_length_seconds
    from {{ ref('fct_user_days') }}
    where day_n between 0 and {{ last_day_n }}
    group by user_key

),

final as (

    select
        users.user_key,
        users.app_id,
        users.platform,
        users.channel,
        users.campaign_id,
        dates.month_start_date as cohort_start_date,
        users.is_install_inferred,
        coalesce({{ is_mature('users.install_date', last_day_n, ['events'], 'users') }}, false) as is_mature,
        {{ whole_divide(epoch_us('users.installed_at'), 'cast(3600000000 as bigint)') }} as install_hour,
        {%- for measure in [
            'is_d0_active', 'is_d1_active', 'is_d7_active', 'has_returned', 'session_count', 'app_open_count',
            'total_session_length_seconds'
        ] %}
        coalesce(weeks.{{ measure }}, 0) as {{ measure }},
        {%- endfor %}
        case
            when coalesce(weeks.session_count, 0) > 0
                then case when ids.device_id is null then 1 else 0 end
        end as is_without_device_id
    from users
    inner join {{ ref('dim_dates') }} as dates
        on users.install_date = dates.date_day
    left join weeks
        on users.user_key = weeks.user_key
    left join {{ ref('int_users') }} as ids
        on users.user_key = ids.user_key

)

select * from final
