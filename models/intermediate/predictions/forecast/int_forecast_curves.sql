{{ config(materialized='tracked') }}
{%- set spans = _forecast_spans() %}
{%- set measures = ['session_count', 'active_users'] %}
{%- set before_as_of = days_between('activity.activity_date', 'as_of_dates.as_of_date') %}
with

as_of_dates as (

    -- what is learnt from begins here, or with the app's first date
    select
        app_id,
        as_of_date,
        {{ _plus_days('as_of_date', 1 - _forecast_learnt_days()) }} as learnt_from,
        first_date
    from {{ ref('int_forecast_dates') }}

),

spans as (

    {% for first_age in spans -%}
    select
        {{ loop.index }} as span_number,
        {{ first_age }} as first_age,
        {{ spans[loop.index] - 1 if not loop.last else 99999 }} as last_age
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

),

activity as (

    select
        app_id,
        activity_date,
        {{ _forecast_span_number(days_between('install_date', 'activity_date')) }} as span_number,
        sum(session_count) as session_count,
        sum(active_users) as active_users
    from {{ ref('int_install_date_activity') }}
    group by app_id, activity_date, {{ _forecast_span_number(days_between('install_date', 'activity_date')) }}

),

learnt as (

    select
        as_of_dates.app_id,
        as_of_dates.as_of_date,
        activity.span_number,
        sum(activity.session_count) as session_count,
        sum(activity.active_users) as active_users
    from as_of_dates
    inner join activity
        on
            as_of_dates.app_id = activity.app_id
            and activity.activity_date between as_of_dates.learnt_from and as_of_dates.as_of_date
    group by as_of_dates.app_id, as_of_dates.as_of_date, activity.span_number

),

cohorts as (

    select
        as_of_dates.app_id,
        as_of_dates.as_of_date,
        installs.install_count,
        {{ days_between('installs.install_date', 'as_of_dates.as_of_date') }} as last_age,
        {{ days_between(
            'installs.install_date', 'greatest(as_of_dates.learnt_from, as_of_dates.first_date)'
        ) }} as first_age
    from as_of_dates
    inner join {{ ref('int_forecast_installs') }} as installs
        on as_of_dates.app_id = installs.app_id and as_of_dates.as_of_date >= installs.install_date

),

user_days as (

    -- on how many days so many users were of such an age
    select
        cohorts.app_id,
        cohorts.as_of_date,
        spans.span_number,
        sum(cohorts.install_count * (
            least(cohorts.last_age, spans.last_age) - greatest(cohorts.first_age, spans.first_age) + 1
        )) as user_day_count
    from cohorts
    inner join spans
        on cohorts.last_age >= spans.first_age and cohorts.first_age <= spans.last_age
    group by cohorts.app_id, cohorts.as_of_date, spans.span_number

),

rates as (

    select
        as_of_dates.app_id,
        as_of_dates.as_of_date,
        spans.span_number,
        {%- for measure in measures %}
        {{ as_double('coalesce(learnt.' ~ measure ~ ', 0)') }} / user_days.user_day_count as {{ measure }},
        {%- endfor %}
        max(case when user_days.user_day_count > 0 then spans.span_number end) over (
            partition by as_of_dates.app_id, as_of_dates.as_of_date order by spans.span_number
            rows between unbounded preceding and current row
        ) as known_span_number
    from as_of_dates
    cross join spans
    left join user_days
        on
            as_of_dates.app_id = user_days.app_id
            and as_of_dates.as_of_date = user_days.as_of_date
            and spans.span_number = user_days.span_number
    left join learnt
        on
            as_of_dates.app_id = learnt.app_id
            and as_of_dates.as_of_date = learnt.as_of_date
            and spans.span_number = learnt.span_number

),

final as (

    -- an age that nobody has reached is as the one before it
    select
        rates.app_id,
        cast(rates.span_number as bigint) as span_number,
        {{ as_decimal('coalesce(known.session_count, 0)', 18, 9) }} as sessions_per_install,
        {{ as_decimal('coalesce(known.active_users, 0)', 18, 9) }} as active_share,
        rates.as_of_date
    from rates
    left join rates as known
        on
            rates.app_id = known.app_id
            and rates.as_of_date = known.as_of_date
            and rates.known_span_number = known.span_number

)

select * from final
