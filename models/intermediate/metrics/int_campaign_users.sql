{{ config(materialized='tracked_view') }}
with

users as (

    select
        users.*,
        {{ last_complete_date('completeness.events_loaded_at', 'users.app_id') }} as events_complete_until
    from {{ ref('int_cohort_users') }} as users
    left join {{ ref('int_feed_completeness') }} as completeness
        on users.provider = completeness.provider and users.app_id = completeness.app_id

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
        coalesce({{ is_mature('users.install_date', _first_week_day_n(), ['events'], 'users') }}, false) as is_mature,
        {{ whole_divide(epoch_us('users.installed_at'), 'cast(3600000000 as bigint)') }} as install_hour,
        -- the first week of each user's life: what is late in life says nothing of a young campaign
        {%- for day_n in [0, 1, 7] %}
        coalesce(milestones.is_d{{ day_n }}_active, 0) as is_d{{ day_n }}_active,
        {%- endfor %}
        case when milestones.first_return_day_n <= {{ _first_week_day_n() }} then 1 else 0 end as has_returned,
        {%- for measure in ['session_count', 'app_open_count', 'session_length_seconds'] %}
        coalesce(milestones.week_{{ measure }}, 0) as {{ 'total_' if loop.last }}{{ measure }},
        {%- endfor %}
        case
            when milestones.week_session_count > 0
                then case when ids.device_id is null then 1 else 0 end
        end as is_without_device_id
    from users
    inner join {{ ref('dim_dates') }} as dates
        on users.install_date = dates.date_day
    left join {{ ref('int_user_milestones') }} as milestones
        on users.user_key = milestones.user_key
    left join {{ ref('int_users') }} as ids
        on users.user_key = ids.user_key

)

select * from final
