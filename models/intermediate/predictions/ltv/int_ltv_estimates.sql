{{ config(materialized='tracked') }}
{%- set cohort = _cohort_columns() | reject('equalto', 'is_install_inferred') | list %}
{%- set campaign = cohort[:-1] %}
{%- set step_date = _ltv_step_date('points.as_of_step') %}
{%- set behind = [
    'training_cohort_count', 'training_user_count', 'training_revenue_user_count', 'campaign_training_user_count'
] %}
{#- so many users with revenue count as much as all that is known of the campaign -#}
{%- set pull = 50 %}

with

newest as (

    select
        max(reached_date) as as_of_date,
        max(as_of_step) as as_of_step
    from {{ ref('int_ltv_points') }}

),

observed as (

    -- each cohort as it is now, and as it was when it had reached an age from which predictions are scored
    {% for is_current in ['true', 'false'] -%}
    select
        {% for column in cohort + ['day_n', 'd0_users', 'cumulative_revenue_users', 'cumulative_session_count', 'cumulative_revenue'] -%}
        points.{{ column }},
        {%- endfor %}
        {{ is_current }} as is_current,
        {{ 'newest' if is_current == 'true' else 'points' }}.as_of_step,
        {{ 'newest.as_of_date' if is_current == 'true' else step_date }} as as_of_date
    from {{ ref('int_ltv_points') }} as points
    cross join newest
    {% if is_current == 'true' -%}
    where points.is_newest
    union all
    {% else -%}
    where
        points.day_n in ({{ _ltv_scored_ages() | join(', ') }})
        and {{ step_date }} <= newest.as_of_date
        and points.as_of_step > newest.as_of_step - 26
    {%- endif %}
    {%- endfor %}

),

horizons as (

    {{ _rows_of(var('ltv_horizons'), 'horizon_day_n') }}

),

joined as (

    select
        {% for key in cohort + ['is_current', 'as_of_step', 'as_of_date', 'day_n', 'd0_users'] %}observed.{{ key }}, {% endfor %}
        horizons.horizon_day_n,
        observed.cumulative_revenue_users as revenue_users,
        observed.cumulative_revenue as observed_revenue,
        observed.cumulative_session_count as observed_session_count,
        actual.cumulative_revenue as actual_revenue,
        {{ as_double('actual.cumulative_session_count') }} as actual_sessions,
        {{ as_double('observed.cumulative_revenue') }} as revenue,
        {{ as_double('observed.cumulative_session_count') }} as sessions,
        {{ as_double('observed.cumulative_revenue_users') }}
        / (observed.cumulative_revenue_users + {{ pull }}) as own_weight,
        {%- for column in ['revenue_growth', 'session_growth'] %}
        {{ as_double('later.' ~ column) }} / nullif({{ as_double('now.' ~ column) }}, 0) as {{ column }},
        {%- endfor %}
        {%- for column in ['revenue_per_user', 'session_value', 'power_law_revenue'] %}
        {{ as_double('later.' ~ column) }} - {{ as_double('now.' ~ column) }} as {{ column }},
        {%- endfor %}
        {{ as_double('now.session_growth') }} as sessions_so_far,
        {%- for column in ['last_cohort_ltv', 'app_average_ltv'] %}
        {{ as_double('later.' ~ column) }} as {{ column }},
        {%- endfor %}
        later.channel_oldest_day_n,
        -- where no cohort has shown the horizon, those that have shown the observed day
        later.training_cohort_count = 0 as is_extrapolated,
        {%- for column in behind %}
        case when later.training_cohort_count > 0 then later.{{ column }} else now.{{ column }} end as {{ column }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from observed
    inner join horizons
        on observed.is_current or observed.day_n < horizons.horizon_day_n
    left join {{ ref('int_ltv_points') }} as actual
        on
            {% for key in cohort %}observed.{{ key }} = actual.{{ key }} and {% endfor %}
            horizons.horizon_day_n = actual.day_n
    left join {{ ref('int_ltv_curves') }} as now
        on
            {% for key in campaign %}observed.{{ key }} = now.{{ key }} and {% endfor %}
            observed.as_of_step = now.as_of_step
            and observed.day_n = now.day_n
    left join {{ ref('int_ltv_curves') }} as later
        on
            {% for key in campaign %}observed.{{ key }} = later.{{ key }} and {% endfor %}
            observed.as_of_step = later.as_of_step
            and horizons.horizon_day_n = later.day_n

),

predicted as (

    select
        *,
        revenue
        + case when revenue = 0 then 0 else own_weight * revenue * (revenue_growth - 1) end
        + (1 - own_weight) * d0_users * revenue_per_user as chain_ladder,
        revenue + sessions * session_value / nullif(sessions_so_far, 0) as session_curve,
        revenue + d0_users * power_law_revenue as power_law,
        d0_users * last_cohort_ltv as last_cohort,
        d0_users * app_average_ltv as app_average,
        case when horizon_day_n <= day_n then actual_sessions else sessions * session_growth end as session_forecast
    from joined

),

final as (

    select
        {{ cohort | join(', ') }},
        is_current,
        as_of_step,
        as_of_date,
        day_n as observed_day_n,
        horizon_day_n,
        d0_users,
        revenue_users,
        observed_session_count,
        observed_revenue,
        {{ _ltv_decimal('session_forecast', 6) }} as predicted_session_count,
        actual_revenue,
        {%- for method in _ltv_methods() %}
        {{ _ltv_decimal(method, 9) }} as {{ method }}_revenue,
        {%- endfor %}
        channel_oldest_day_n,
        {{ behind | join(', ') }},
        is_extrapolated
    from predicted

)

select * from final
