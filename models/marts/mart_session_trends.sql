{{ config(**table_layout(date='session_date', keys=['app_id', 'platform'])) }}
{%- set keys = ['app_id', 'platform', 'channel', 'country'] %}
{%- set series = 'partition by series_number order by session_date' %}
{#-
    Measured by ops/bench/trends.py: less than one false alarm a series and year. Counts are skewed: chance alone makes
    more large rises than drops.
-#}
{%- set drop_spreads, rise_spreads = 3.1, 4 %}
{#- A change below a tenth is for a chart, not for an alert. -#}
{%- set material_rate = 0.1 %}
with

scores as (

    select
        *,
        deviation_rate / spread_rate as score,
        lag(deviation_rate / spread_rate) over ({{ series }}) as previous_score
    from {{ ref('int_session_expectations') }}

),

judged as (

    -- outside of the range on the day, or on two days together
    select
        *,
        case
            when not is_complete then 'not complete'
            -- four weeks to expect a day, one for the level, two for how far off that is
            when day_number < 50 then 'too little history'
            -- below none at all there is nothing to find
            when coalesce({{ drop_spreads }} * spread_rate >= 1, true) then 'too few sessions'
            when
                least(score, coalesce((score + previous_score) / sqrt(2), score)) <= -{{ drop_spreads }}
                and deviation_rate <= -{{ material_rate }}
                then 'drop'
            when
                greatest(score, coalesce((score + previous_score) / sqrt(2), score)) >= {{ rise_spreads }}
                and deviation_rate >= {{ material_rate }}
                then 'rise'
            else 'as expected'
        end as trend
    from scores

),

followed as (

    select
        *,
        trend in ('drop', 'rise') as is_alert,
        lag(trend) over ({{ series }}) as previous_trend
    from judged

),

final as (

    select
        ---------- ids
        {{ mart_key(keys + ['session_date']) }} as session_trend_id,
        app_id,
        platform,

        ---------- strings
        series_level,
        channel,
        country,
        trend,

        ---------- numerics
        session_count,
        expected_session_count,
        case
            when spread_rate is not null
                then greatest(expected_session_count * (1 - {{ drop_spreads }} * spread_rate), 0)
        end as expected_session_count_lower,
        expected_session_count * (1 + {{ rise_spreads }} * spread_rate) as expected_session_count_upper,
        case when is_complete then deviation_rate end as deviation_rate,

        ---------- booleans
        is_alert,
        is_alert and trend <> coalesce(previous_trend, '') as is_new_alert,
        is_complete,

        ---------- dates
        session_date
    from followed

)

select * from final
