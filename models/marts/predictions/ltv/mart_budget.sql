{{ config(**table_layout(keys=['app_id', 'campaign_id'])) }}
{%- set campaign = ['app_id', 'platform', 'channel', 'campaign_id'] %}
{%- set unit = campaign + ['horizon_day_n'] %}
{%- set budget = 1000 %}
{#- so many standard deviations to each side are an 80 % interval -#}
{%- set spreads = 1.2816 %}
{#- users of tomorrow are others than those of yesterday: so much wider is measured (docs/metrics.md) -#}
{%- set drift = 1.5 %}

with

campaigns as (

    select distinct {{ campaign | join(', ') }}
    from {{ ref('mart_campaigns_daily') }}
    where not is_organic

),

horizons as (

    {{ _rows_of(var('ltv_horizons'), 'horizon_day_n') }}

),

judged as (

    select
        {% for key in campaign %}campaigns.{{ key }}, {% endfor %}
        horizons.horizon_day_n,
        {%- for column in ['last_date', 'spend_dates', 'spend', 'installs'] %}
        rates.{{ column }},
        {%- endfor %}
        rates.installs_rate,
        rates.sessions_rate,
        rates.revenue_rate,
        {%- for rate in ['installs', 'sessions', 'revenue'] %}
        {{ spreads * spreads }} * rates.{{ rate }}_variance as {{ rate }}_square,
        {%- endfor %}
        -- what is bought next varies as what was bought: the less, the more
        1 + {{ as_double('rates.spend') }} / {{ budget }} as next_variances,
        -- null stays null: of a null and a number least() makes the number, on some engines
        case when rates.revenue_lower_share < 0 then power(rates.revenue_lower_share, 2) else 0 * rates.revenue_lower_share end
            as predicted_lower_square,
        case when rates.revenue_upper_share > 0 then power(rates.revenue_upper_share, 2) else 0 * rates.revenue_upper_share end
            as predicted_upper_square,
        case
            when coalesce(rates.spend, 0) <= 0 then 'no_recent_spend'
            when rates.spend_dates < {{ _budget_least_dates() }} then 'too_few_dates'
            when rates.installs < {{ _least_campaign_users() }} then 'too_few_users'
        end as null_reason,
        case
            when rates.sessions_rate is null then 'horizon_beyond_observed_age'
            when rates.session_installs < {{ _least_campaign_users() }} then 'too_few_users'
        end as unknown_sessions,
        case
            when rates.revenue_rate is null then coalesce(rates.prediction_null_reason, 'no_complete_cohort')
            when rates.revenue_installs < {{ _least_campaign_users() }} then 'too_few_users'
        end as unknown_revenue
    from campaigns
    cross join horizons
    left join {{ ref('int_budget_rates') }} as rates
        on
            {% for key in campaign %}campaigns.{{ key }} = rates.{{ key }} and {% endfor %}
            horizons.horizon_day_n = rates.horizon_day_n

),

known as (

    select
        *,
        coalesce(null_reason, unknown_sessions) as sessions_null_reason,
        coalesce(null_reason, unknown_revenue) as revenue_null_reason,
        case when null_reason is null then {{ budget }} * installs_rate end as next_1000_installs,
        case when coalesce(null_reason, unknown_sessions) is null then {{ budget }} * installs_rate * sessions_rate end
            as next_1000_sessions,
        case when coalesce(null_reason, unknown_revenue) is null then revenue_rate end as predicted_ltv,
        case when coalesce(null_reason, unknown_revenue) is null then {{ budget }} * installs_rate * revenue_rate end
            as next_1000_revenue
    from judged

),

final as (

    -- errors of different causes add up as squares
    select
        ---------- ids
        {{ mart_key(unit) }} as budget_id,
        app_id,
        platform,
        campaign_id,

        ---------- strings
        channel,
        {{ reporting_currency() }} as reporting_currency,
        null_reason,
        sessions_null_reason,
        revenue_null_reason,

        ---------- numerics
        horizon_day_n,
        cast(coalesce(spend_dates, 0) as bigint) as spend_dates,
        {{ as_decimal('coalesce(spend, 0)', 28, 6) }} as recent_spend,
        cast(coalesce(installs, 0) as bigint) as recent_installs,
        {%- for value, widening, squares in [
            ('next_1000_installs', 1, 'next_variances * installs_square'),
            ('next_1000_sessions', drift, 'next_variances * (installs_square + sessions_square)'),
            ('predicted_ltv', drift, 'revenue_square + predicted_{}_square'),
            ('next_1000_revenue', drift, 'next_variances * (installs_square + revenue_square) + predicted_{}_square')
        ] %}
        {{ value }},
        case
            when {{ squares.format('lower') }} is not null
                then {{ value }} * greatest(1 - {{ widening }} * sqrt({{ squares.format('lower') }}), 0)
        end as {{ value }}_lower,
        {{ value }} * (1 + {{ widening }} * sqrt({{ squares.format('upper') }})) as {{ value }}_upper,
        {%- endfor %}
        {%- for measure in ['sessions', 'revenue'] %}
        case
            when next_1000_{{ measure }} is not null
                then cast(rank() over (
                    partition by app_id, horizon_day_n
                    order by case when next_1000_{{ measure }} is null then 1 else 0 end, next_1000_{{ measure }} desc
                ) as bigint)
        end as rank_by_{{ measure }},
        {%- endfor %}

        ---------- dates
        last_date as as_of_date
    from known

)

select * from final
