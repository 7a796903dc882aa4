{{ config(materialized='tracked_view') }}
{%- set series = 'partition by series_number order by session_date' %}
{#- A mean distance from the mean, times this, is a standard deviation: sqrt(pi / 2) of a normal one. -#}
{%- set deviations_per_mean_distance = 1.2533 %}
{#- Shares are summed in whole millionths: whole numbers add up alike in any order. -#}
{%- set unit = 1000000 %}
{%- set in_units = 'cast(floor(($rate) * ' ~ unit ~ ' + 0.5) as bigint)' %}
with

weekdays as (

    select
        *,
        {%- for measure in ['sum', 'min', 'max', 'count'] %}
        {{ measure }}(session_count) over (
            partition by series_number, weekday_number order by session_date
            rows between 8 preceding and 1 preceding
        ) as weekday_{{ measure }},
        {%- endfor %}
        row_number() over ({{ series }}) as day_number
    from {{ ref('int_session_series') }}

),

usual_weekdays as (

    -- four to eight of the same weekday before, without the largest and the smallest: a holiday is not expected again
    select
        *,
        case
            when weekday_count >= 4
                then {{ as_double('weekday_sum - weekday_min - weekday_max') }} / nullif(weekday_count - 2, 0)
        end as usual_count
    from weekdays

),

levels as (

    select
        *,
        {%- for measure in ['sum', 'min', 'max', 'count'] %}
        {{ measure }}({{ in_units | replace('$rate', 'session_count / nullif(usual_count, 0) - 1') }}) over (
            {{ series }} rows between 7 preceding and 1 preceding
        ) as level_{{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from usual_weekdays

),

expected as (

    -- growing or shrinking: as the seven days before compared with theirs, again without the extremes
    select
        *,
        case
            when level_count = 7
                then usual_count * (1 + {{ as_double('level_sum - level_min - level_max') }} / (5 * {{ unit }}))
        end as expected_session_count
    from levels

),

deviations as (

    select
        *,
        session_count / nullif(expected_session_count, 0) - 1 as deviation_rate
    from expected

),

distances as (

    select
        *,
        {%- for measure in ['sum', 'count'] %}
        {{ measure }}({{ in_units | replace('$rate', 'abs(deviation_rate)') }}) over (
            {{ series }} rows between 56 preceding and 1 preceding
        ) as distance_{{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from deviations

),

final as (

    select
        app_id,
        platform,
        series_level,
        channel,
        country,
        series_number,
        day_number,
        session_count,
        expected_session_count,
        deviation_rate,
        -- never less than what chance does to a count
        case
            when distance_count >= 14 and expected_session_count > 0
                then greatest(
                    {{ deviations_per_mean_distance }} * {{ as_double('distance_sum') }} / ({{ unit }} * distance_count),
                    1 / sqrt(expected_session_count)
                )
        end as spread_rate,
        is_complete,
        session_date
    from distances

)

select * from final
