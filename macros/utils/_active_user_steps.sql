{#- CTEs up to `step_days`: by how many users the figures of an app's date differ from those of the date before. -#}
{% macro _active_user_steps(windows, churn_days) -%}
-- a user counts in a trailing window from each active date until the window ends or the next
-- active date takes over: one step up, one step down, and no row per day
steps as (

    {% for window, days in windows.items() -%}
    select app_id, platform, '{{ window }}' as measure, activity_date as step_date, user_count as step
    from returns
    union all
    select
        app_id, platform, '{{ window }}' as measure,
        case
            when next_activity_date < {{ _plus_days('activity_date', days) }} then next_activity_date
            else {{ _plus_days('activity_date', days) }}
        end as step_date,
        -user_count as step
    from returns
    union all
    {% endfor -%}
    -- back before churn_days silent dates are over; churned on the last of these
    select app_id, platform, 'returning' as measure, next_activity_date as step_date, user_count as step
    from returns
    where next_activity_date <= {{ _plus_days('activity_date', churn_days) }}
    union all
    select
        app_id, platform, 'churned' as measure,
        {{ _plus_days('activity_date', churn_days) }} as step_date,
        user_count as step
    from returns
    where coalesce(next_activity_date > {{ _plus_days('activity_date', churn_days) }}, true)

),

step_days as (

    select
        app_id,
        platform,
        step_date,
        {%- for measure in windows.keys() | list + ['returning', 'churned'] %}
        sum(case when measure = '{{ measure }}' then step else 0 end) as {{ measure }}_step{{ ',' if not loop.last }}
        {%- endfor %}
    from steps
    group by app_id, platform, step_date

),
{%- endmacro %}
