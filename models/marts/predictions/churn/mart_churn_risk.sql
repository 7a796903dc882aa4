{{ config(**table_layout(keys=['user_key'])) }}
{%- set horizons = _churn_horizons() %}

with

points as (

    select *
    from {{ ref('int_churn_points') }}
    where as_of_number = 0

),

known as (

    select
        users.user_key,
        users.app_id,
        users.platform,
        completeness.events_complete_until as as_of_date,
        points.days_since_last_session,
        points.days_since_first_session,
        points.active_days,
        points.active_days_28d,
        points.earlier_active_days_28d,
        points.interval_days
        {%- for horizon in horizons %},
        rates_{{ horizon }}d.training_user_count as training_user_count_{{ horizon }}d,
        rates_{{ horizon }}d.churn_probability as churn_probability_{{ horizon }}d,
        case
            when completeness.events_complete_until is null then 'no_complete_date'
            when points.user_key is not null and coalesce(rates_{{ horizon }}d.training_user_count, 0) = 0 then 'no_known_outcome'
            when rates_{{ horizon }}d.training_user_count < {{ _churn_least_users() }} then 'too_few_users'
            when points.user_key is not null then null
            when users.session_count = 0 then 'no_session'
            when {{ local_date('users.first_seen_at', 'users.app_id') }} > completeness.events_complete_until then 'seen_after_as_of_date'
            else 'silent_for_{{ _churn_window_days() }}_days'
        end as null_reason_{{ horizon }}d
        {%- endfor %}
    from {{ ref('int_users') }} as users
    left join {{ ref('int_app_completeness') }} as completeness
        on users.app_id = completeness.app_id and users.platform = completeness.platform
    left join points
        on users.user_key = points.user_key
    {%- for horizon in horizons %}
    left join {{ ref('int_churn_rates') }} as rates_{{ horizon }}d
        on
            points.app_id = rates_{{ horizon }}d.app_id
            {%- for bin in _churn_bins() %}
            and points.{{ bin }} = rates_{{ horizon }}d.{{ bin }}
            {%- endfor %}
            and rates_{{ horizon }}d.as_of_number = 0
            and rates_{{ horizon }}d.horizon_days = {{ horizon }}
    {%- endfor %}

),

final as (

    select
        ---------- ids
        user_key,
        app_id,
        platform,

        ---------- strings
        {%- for horizon in horizons %}
        null_reason_{{ horizon }}d,
        {%- endfor %}

        ---------- numerics
        {%- for horizon in horizons %}
        case when null_reason_{{ horizon }}d is null then {{ as_double('churn_probability_' ~ horizon ~ 'd') }} end
            as churn_probability_{{ horizon }}d,
        {%- endfor %}
        cast(days_since_last_session as bigint) as days_since_last_session,
        {{ safe_divide('interval_days', '(active_days - 1)') }} as average_interval_days,
        cast(days_since_first_session as bigint) as days_since_first_session,
        cast(active_days_28d as bigint) as active_days_28d,
        cast(earlier_active_days_28d as bigint) as earlier_active_days_28d,
        {%- for horizon in horizons %}
        training_user_count_{{ horizon }}d,
        {%- endfor %}

        ---------- dates
        as_of_date
    from known

)

select * from final
