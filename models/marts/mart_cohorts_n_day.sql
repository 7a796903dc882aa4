{{ config(**table_layout(date='install_date', keys=['app_id', 'campaign_id'])) }}
{%- set cohort = _cohort_columns() -%}
{%- set so_far -%}
    over (
            partition by {% for key in cohort %}curves.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
            order by curves.day_n rows between unbounded preceding and current row
        )
{%- endset %}

with

cohort_days as (

    select *
    from {{ ref('int_cohort_days') }}

),

cohorts as (

    select
        {{ cohort | join(', ') }},
        count(*) as cohort_users
    from {{ ref('int_cohort_users') }}
    group by {{ cohort | join(', ') }}

),

seen as (

    select
        {{ cohort | join(', ') }},
        sum(case when day_n = 0 then active_users else 0 end) as d0_users,
        sum(last_seen_users) as seen_users
    from cohort_days
    group by {{ cohort | join(', ') }}

),

days as (

    select cast(generated_number as bigint) - 1 as day_n
    from ({{ dbt.generate_series((var('n_days') | max) + 1) }}) as numbers

),

curves as (

    -- every day of the curve, with or without activity
    select
        {% for key in cohort %}cohorts.{{ key }}, {% endfor %}
        days.day_n,
        cohorts.cohort_users,
        coalesce(seen.d0_users, 0) as d0_users,
        coalesce(seen.seen_users, 0) as seen_users,
        coalesce(cohort_days.active_users, 0) as active_users,
        coalesce(cohort_days.last_seen_users, 0) as last_seen_users,
        coalesce(cohort_days.returned_users, 0) as returned_users,
        coalesce(cohort_days.session_count, 0) as session_count,
        coalesce(cohort_days.app_open_count, 0) as app_open_count,
        coalesce(cohort_days.ad_revenue, 0) as ad_revenue,
        coalesce(cohort_days.iap_revenue, 0) as iap_revenue
    from cohorts
    cross join days
    left join seen
        on {{ _same_cohort('cohorts', 'seen') }}
    left join cohort_days
        on {{ _same_cohort('cohorts', 'cohort_days') }} and days.day_n = cohort_days.day_n

),

cumulated as (

    select
        curves.*,
        {%- for measure in ['session_count', 'app_open_count', 'ad_revenue', 'iap_revenue'] %}
        sum(curves.{{ measure }}) {{ so_far }} as cumulative_{{ measure }},
        {%- endfor %}
        sum(curves.returned_users) {{ so_far }} as bracket_users,
        -- seen on day N or later: all but those seen for the last time before it
        curves.seen_users + curves.last_seen_users - sum(curves.last_seen_users) {{ so_far }}
            as rolling_users
    from curves

),

judged as (

    select
        cumulated.*,
        {{ is_mature('cumulated.install_date', 'cumulated.day_n', ['events']) }} as is_mature,
        {{ is_mature('cumulated.install_date', 'cumulated.day_n', ['events', 'ad_revenue']) }} as is_revenue_mature
    from cumulated
    cross join {{ ref('int_feed_completeness') }} as completeness

),

final as (

    select
        ---------- ids
        {{ mart_key(cohort + ['day_n']) }} as cohort_day_id,
        app_id,
        platform,
        campaign_id,

        ---------- strings
        channel,
        {{ reporting_currency() }} as reporting_currency,

        ---------- numerics: an immature day counts on neither side of a ratio
        cast(day_n as bigint) as day_n,
        cast(cohort_users as bigint) as cohort_users,
        {%- for measure in [
            'd0_users', 'active_users', 'rolling_users', 'bracket_users', 'session_count', 'app_open_count',
            'cumulative_session_count', 'cumulative_app_open_count'
        ] %}
        case when is_mature then cast({{ measure }} as bigint) end as {{ measure }},
        {%- endfor %}
        {%- for measure in ['ad_revenue', 'iap_revenue', 'cumulative_ad_revenue', 'cumulative_iap_revenue'] %}
        case when is_revenue_mature then {{ as_decimal(measure, 28, 6) }} end as {{ measure }},
        {%- endfor %}
        case when is_mature then {{ safe_divide('active_users', 'd0_users') }} end as retention_rate,
        case when is_mature then {{ safe_divide('rolling_users', 'd0_users') }} end as rolling_retention_rate,
        case when is_mature then {{ safe_divide('bracket_users', 'd0_users') }} end as bracket_retention_rate,
        case
            when is_revenue_mature
                then {{ safe_divide('cumulative_ad_revenue + cumulative_iap_revenue', 'd0_users') }}
        end as ltv,

        ---------- booleans
        is_install_inferred,
        is_mature,
        is_revenue_mature,

        ---------- dates
        install_date
    from judged

)

select * from final
