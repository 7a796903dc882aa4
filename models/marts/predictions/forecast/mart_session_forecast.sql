{{ config(**table_layout(date='forecast_date', keys=['app_id'])) }}
{%- set behind = ['history_day_count', 'training_cohort_count', 'training_user_count', 'training_session_count'] %}
{%- set measures = _forecast_measures() %}
{%- set least = _forecast_least() %}
{%- set method = _forecast_methods()[0] %}
with

forecasts as (

    select *
    from {{ ref('int_session_forecasts') }}
    where is_current

),

as_of_dates as (

    select
        app_id,
        as_of_date,
        min({{ days_between('first_date', 'as_of_date') }}) + 1 as history_day_count
    from forecasts
    group by app_id, as_of_date

),

cohorts as (

    -- those from which the curves are learnt
    select
        as_of_dates.app_id,
        activity.install_date,
        sum(activity.session_count) as session_count
    from as_of_dates
    inner join {{ ref('int_install_date_activity') }} as activity
        on
            as_of_dates.app_id = activity.app_id
            and as_of_dates.as_of_date >= activity.activity_date
            and {{ _plus_days('as_of_dates.as_of_date', -_forecast_learnt_days()) }} < activity.activity_date
    group by as_of_dates.app_id, activity.install_date

),

training as (

    select
        cohorts.app_id,
        count(*) as training_cohort_count,
        sum(installs.install_count) as training_user_count,
        sum(cohorts.session_count) as training_session_count
    from cohorts
    inner join {{ ref('int_forecast_installs') }} as installs
        on cohorts.app_id = installs.app_id and cohorts.install_date = installs.install_date
    group by cohorts.app_id

),

known as (

    select
        forecasts.*,
        as_of_dates.history_day_count,
        coalesce(training.training_cohort_count, 0) as training_cohort_count,
        coalesce(training.training_user_count, 0) as training_user_count,
        coalesce(training.training_session_count, 0) as training_session_count
    from forecasts
    inner join as_of_dates
        on forecasts.app_id = as_of_dates.app_id
    left join training
        on forecasts.app_id = training.app_id

),

judged as (

    select
        *,
        case
            when history_day_count < {{ least['days'] }} then 'too_short_history'
            when training_cohort_count < {{ least['cohorts'] }} then 'too_few_cohorts'
            when training_session_count < {{ least['sessions'] }} then 'too_few_sessions'
            when coalesce({{ method }}_session_count, 0) = 0 then 'no_recent_sessions'
        end as null_reason
    from known

),

reasons as (

    select
        *,
        null_reason as session_count_null_reason,
        null_reason as dau_null_reason,
        case
            when null_reason is not null then null_reason
            when coalesce({{ method }}_ad_revenue, 0) <= 0 then 'no_recent_ad_revenue'
        end as ad_revenue_null_reason
    from judged

),

final as (

    select
        ---------- ids
        {{ mart_key(['reasons.app_id', 'reasons.forecast_date']) }} as session_forecast_id,
        reasons.app_id,

        ---------- strings
        {{ reporting_currency() }} as reporting_currency,
        cast(case when reasons.null_reason is null then '{{ method }}' end as {{ dbt.type_string() }}) as method,
        cast(reasons.null_reason as {{ dbt.type_string() }}) as null_reason,
        cast(reasons.ad_revenue_null_reason as {{ dbt.type_string() }}) as ad_revenue_null_reason,

        ---------- numerics
        reasons.days_ahead,
        {%- for column in behind %}
        cast(reasons.{{ column }} as bigint) as {{ column }},
        {%- endfor %}
        {%- for measure, column in measures.items() %}
        {%- set value = 'case when reasons.' ~ column ~ '_null_reason is null then reasons.' ~ method ~ '_' ~ column ~ ' end' %}
        cast({{ measure }}.error_date_count as bigint) as {{ column }}_error_date_count,
        {{ value }} as predicted_{{ column }},
        {%- for side in ['lower', 'upper'] %}
        {%- set factor -%}
            1 + {{ as_double(measure ~ '.' ~ side ~ '_error_units') }} * {{ _forecast_error_unit('reasons.days_ahead') }}
        {%- endset %}
        -- not below nothing
        {{ _ltv_decimal(
            as_double(value) ~ ' * case when ' ~ factor ~ ' < 0 then 0 else ' ~ factor ~ ' end', 9
        ) }} as predicted_{{ column }}_{{ side }},
        {%- endfor %}
        {%- endfor %}

        ---------- dates
        reasons.forecast_date,
        reasons.as_of_date
    from reasons
    {%- for measure in measures %}
    {{ _forecast_join_interval('reasons', measure, "'" ~ measure ~ "'") }}
    {%- endfor %}

)

select * from final
