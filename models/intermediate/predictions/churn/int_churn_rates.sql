{{ config(materialized='tracked') }}
{%- set bins = _churn_bins() %}
{%- set predicted = ['app_id', 'horizon_days', 'as_of_number'] %}
{%- set horizons = _churn_horizons() %}
{#- so many users count as much as all those who are like them in one thing less -#}
{%- set pull = 20 %}

with

predicted_dates as (

    -- the newest date, and the newest whose outcome is known; each is predicted from dates whose outcome was known on it
    {% for horizon, steps in horizons.items() -%}
    {%- set is_last_horizon = loop.last -%}
    {%- for number in [0, steps] -%}
    select
        cast({{ horizon }} as bigint) as horizon_days,
        cast({{ number }} as bigint) as as_of_number,
        {{ number + steps }} as newest_training_number
    {{ 'union all ' if not (is_last_horizon and loop.last) }}
    {%- endfor %}
    {%- endfor %}

),

cells as (

    select
        {% for key in ['app_id'] + bins %}cells.{{ key }}, {% endfor %}
        predicted_dates.horizon_days,
        predicted_dates.as_of_number,
        cells.as_of_number = predicted_dates.as_of_number as is_predicted,
        cells.as_of_date,
        cells.user_count,
        case predicted_dates.horizon_days
            {%- for horizon in horizons %}
            when {{ horizon }} then cells.churned_{{ horizon }}d_user_count
            {%- endfor %}
        end as churned_user_count
    from {{ ref('int_churn_cells') }} as cells
    inner join predicted_dates
        on
            cells.as_of_number = predicted_dates.as_of_number
            or cells.as_of_number between predicted_dates.newest_training_number
            and predicted_dates.newest_training_number + {{ _churn_training_dates() - 1 }}

),

summed as (

    select
        {{ (predicted + bins) | join(', ') }},
        max(case when is_predicted then as_of_date end) as as_of_date,
        {%- for name, condition in [('', 'is_predicted'), ('training_', 'not is_predicted')] %}
        sum(case when {{ condition }} then user_count end) as {{ name }}user_count,
        sum(case when {{ condition }} then churned_user_count end) as {{ name }}churned_user_count
        {{- ',' if not loop.last }}
        {%- endfor %}
    from cells
    group by {{ (predicted + bins) | join(', ') }}

),

levels as (

    -- whole numbers first: a sum of doubles depends on its order
    select
        *
        {%- for level in range(bins | length + 1) %}
        {%- for measure in ['user_count', 'churned_user_count'] %},
        {{ as_double(
            'coalesce(sum(training_' ~ measure ~ ') over (partition by ' ~ (predicted + bins[:level]) | join(', ') ~ '), 0)'
        ) }} as {{ measure }}_{{ level }}
        {%- endfor %}
        {%- endfor %}
    from summed

),

app_rates as (

    select
        *,
        churned_user_count_0 / nullif(user_count_0, 0) as rate_0
    from levels

),
{% for bin in bins %}
{{ bin }}_rates as (

    select
        *,
        (churned_user_count_{{ loop.index }} + {{ pull }} * rate_{{ loop.index0 }})
        / (user_count_{{ loop.index }} + {{ pull }}) as rate_{{ loop.index }}
    from {{ bins[loop.index0 - 1] ~ '_rates' if not loop.first else 'app_rates' }}

),
{% endfor %}
final as (

    select
        {{ (predicted + bins) | join(', ') }},
        as_of_date,
        cast(user_count as bigint) as user_count,
        cast(churned_user_count as bigint) as churned_user_count,
        cast(user_count_0 as bigint) as training_user_count,
        {{ as_decimal('rate_' ~ bins | length, 18, 9) }} as churn_probability,
        {{ as_decimal('rate_1', 18, 9) }} as recency_churn_probability
    from {{ bins[-1] }}_rates
    where user_count > 0

)

select * from final
