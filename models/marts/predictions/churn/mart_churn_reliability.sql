{{ config(**table_layout(keys=['app_id'])) }}
{%- set keys = ['app_id', 'platform', 'horizon_days', 'probability_bin'] %}

with

scored as (

    -- what was predicted of the newest date whose outcome is known
    select
        *,
        case when churn_probability < 1 then cast(floor(churn_probability * 10) as bigint) + 1 else 10 end as probability_bin
        {%- for name in ['', 'recency_'] %},
        -- never quite sure: the logarithm of nothing is no number
        least(greatest({{ as_double(name ~ 'churn_probability') }}, 1e-6), 1 - 1e-6) as {{ name }}probability
        {%- endfor %}
    from {{ ref('int_churn_rates') }}
    where as_of_number > 0 and training_user_count >= {{ _churn_least_users() }}

),

summed as (

    select
        {{ keys | join(', ') }},
        max(as_of_date) as as_of_date,
        max(training_user_count) as training_user_count,
        sum(user_count) as user_count,
        sum(churned_user_count) as churned_user_count,
        sum(churn_probability * user_count) as expected_churned_user_count
        {%- for name in ['', 'recency_'] %},
        sum({{ as_decimal(
            '-churned_user_count * ln(' ~ name ~ 'probability) - (user_count - churned_user_count) * ln(1 - ' ~ name ~ 'probability)',
            28, 9
        ) }}) as total_{{ name }}log_loss
        {%- endfor %}
    from scored
    group by {{ keys | join(', ') }}

),

final as (

    select
        ---------- ids
        {{ mart_key(keys) }} as churn_reliability_id,
        app_id,
        platform,

        ---------- numerics
        horizon_days,
        probability_bin,
        {%- for measure in ['training_user_count', 'user_count', 'churned_user_count'] %}
        cast({{ measure }} as bigint) as {{ measure }},
        {%- endfor %}
        {%- for measure in ['expected_churned_user_count', 'total_log_loss', 'total_recency_log_loss'] %}
        {{ as_decimal(measure, 28, 9) }} as {{ measure }},
        {%- endfor %}
        {{ safe_divide('expected_churned_user_count', 'user_count') }} as predicted_churn_rate,
        {{ safe_divide('churned_user_count', 'user_count') }} as observed_churn_rate,
        {{ safe_divide('total_log_loss', 'user_count') }} as log_loss,
        {{ safe_divide('total_recency_log_loss', 'user_count') }} as recency_log_loss,

        ---------- dates
        as_of_date
    from summed

)

select * from final
