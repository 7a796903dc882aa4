{{ config(**table_layout(date='install_date', keys=['app_id', 'install_country'])) }}
{%- set cohort = _cohort_columns() | reject('equalto', 'is_install_inferred') | list %}

with

predicted as (

    select
        {% for column in cohort + ['install_country', 'observed_day_n', 'as_of_date', 'd0_users', 'revenue_users', 'observed_revenue',
            'training_revenue_user_count', 'relative_value'] -%}
        shares.{{ column }},
        {%- endfor %}
        choices.horizon_day_n,
        choices.method,
        choices.null_reason,
        choices.is_observed,
        choices.lower_error_units,
        choices.upper_error_units,
        case
            when choices.null_reason is not null then null
            when choices.is_observed
                then case choices.horizon_day_n
                    {%- for horizon in var('ltv_horizons') | unique %}
                    when {{ horizon }} then shares.revenue_{{ horizon }}
                    {%- endfor %}
                end
            else shares.observed_revenue + {{ _ltv_decimal(
                as_double('(choices.predicted_revenue - choices.observed_revenue)') ~ ' * shares.share_to_come', 9
            ) }}
        end as predicted_revenue
    from {{ ref('int_ltv_country_shares') }} as shares
    inner join {{ ref('int_ltv_choices') }} as choices
        on {{ _same_cohort('shares', 'choices', but=['is_install_inferred']) }}

),

known as (

    {{ _with_ltv_interval('predicted') }}

),

final as (

    select
        ---------- ids
        {{ mart_key(cohort + ['install_country', 'horizon_day_n']) }} as ltv_country_prediction_id,
        app_id,
        platform,
        campaign_id,

        ---------- strings
        channel,
        install_country,
        {{ reporting_currency() }} as reporting_currency,
        method,
        null_reason,

        ---------- numerics
        observed_day_n,
        horizon_day_n,
        d0_users,
        revenue_users as revenue_user_count,
        training_revenue_user_count as country_training_revenue_user_count,
        relative_value,
        observed_revenue,
        {{ as_decimal('predicted_revenue', 28, 9) }} as predicted_revenue,
        {%- for side in ['lower', 'upper'] %}
        {{ as_decimal('predicted_revenue_' ~ side, 28, 9) }} as predicted_revenue_{{ side }},
        {%- endfor %}
        {{ safe_divide('observed_revenue', 'd0_users') }} as observed_ltv,
        {%- for column in ['', '_lower', '_upper'] %}
        {{ safe_divide('predicted_revenue' ~ column, 'd0_users') }} as predicted_ltv{{ column }},
        {%- endfor %}

        ---------- booleans
        is_observed,

        ---------- dates
        install_date,
        as_of_date
    from known

)

select * from final
