{{ config(**table_layout(date='install_date', keys=['app_id', 'campaign_id'])) }}
{%- set cohort = _cohort_columns() -%}
{%- set counts = ['active_users', 'last_seen_users', 'returned_users', 'session_count', 'app_open_count'] -%}
{%- set revenues = ['ad_revenue', 'iap_revenue'] -%}
{%- set by_cohort = 'partition by ' ~ cohort | join(', ') -%}
{%- set so_far = 'over (' ~ by_cohort ~ ' order by day_n rows between unbounded preceding and current row)' -%}
{%- set greatest_day_n = var('n_days') | max %}

with

activity as (

    -- days with activity, and day 0 of every cohort
    select {{ (cohort + ['day_n'] + counts + revenues) | join(', ') }}, 0 as installed_users
    from {{ ref('int_cohort_days') }}
    union all
    select
        {{ cohort | join(', ') }},
        0 as day_n,
        {%- for measure in counts + revenues %}
        0 as {{ measure }},
        {%- endfor %}
        count(*) as installed_users
    from {{ ref('int_cohort_users') }}
    group by {{ cohort | join(', ') }}

),

active_days as (

    select
        {{ cohort | join(', ') }},
        day_n,
        {%- for measure in counts + revenues %}
        sum({{ measure }}) as {{ measure }},
        {%- endfor %}
        sum(installed_users) as installed_users
    from activity
    group by {{ (cohort + ['day_n']) | join(', ') }}

),

cumulated as (

    select
        *,
        coalesce(lead(day_n) over ({{ by_cohort }} order by day_n), {{ greatest_day_n + 1 }}) as next_day_n,
        sum(installed_users) over ({{ by_cohort }}) as cohort_users,
        sum(case when day_n = 0 then active_users else 0 end) over ({{ by_cohort }}) as d0_users,
        {%- for measure in ['session_count', 'app_open_count'] + revenues %}
        sum({{ measure }}) {{ so_far }} as cumulative_{{ measure }},
        {%- endfor %}
        sum(returned_users) {{ so_far }} as bracket_users,
        -- seen after this day: all but those seen for the last time by it
        sum(last_seen_users) over ({{ by_cohort }}) - sum(last_seen_users) {{ so_far }} as seen_later_users
    from active_days

),

rounded as (

    select
        {{ cohort | join(', ') }},
        day_n,
        next_day_n,
        {%- for measure in counts + [
            'cohort_users', 'd0_users', 'cumulative_session_count', 'cumulative_app_open_count', 'bracket_users',
            'seen_later_users'
        ] %}
        cast({{ measure }} as bigint) as {{ measure }},
        {%- endfor %}
        {%- for measure in ['ad_revenue', 'iap_revenue', 'cumulative_ad_revenue', 'cumulative_iap_revenue'] %}
        {{ round_decimal(measure, 28, 6) }} as {{ measure }},
        {%- endfor %}
        {{ safe_divide('cumulative_ad_revenue + cumulative_iap_revenue', 'd0_users') }} as ltv
    from cumulated
    where day_n <= {{ greatest_day_n }}

),

days as (

    select cast(generated_number as bigint) - 1 as day_n
    from ({{ dbt.generate_series(greatest_day_n + 1) }}) as numbers

),

curves as (

    -- every day of the curve: a day without activity has what was cumulated by the last day with it
    select
        {%- for column in cohort + [
            'cohort_users', 'd0_users', 'cumulative_session_count', 'cumulative_app_open_count',
            'cumulative_ad_revenue', 'cumulative_iap_revenue', 'bracket_users', 'ltv'
        ] %}
        rounded.{{ column }},
        {%- endfor %}
        days.day_n,
        {%- for measure in ['active_users', 'session_count', 'app_open_count', 'ad_revenue', 'iap_revenue'] %}
        case when days.day_n = rounded.day_n then rounded.{{ measure }} else 0 end as {{ measure }},
        {%- endfor %}
        rounded.seen_later_users
        + case when days.day_n = rounded.day_n then rounded.last_seen_users else 0 end as rolling_users
    from rounded
    inner join days
        on rounded.day_n <= days.day_n and rounded.next_day_n > days.day_n

),

judged as (

    select
        curves.*,
        {{ is_mature('curves.install_date', 'curves.day_n', ['events']) }} as is_mature,
        {{ is_mature('curves.install_date', 'curves.day_n', ['events', 'ad_revenue']) }} as is_revenue_mature
    from curves
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
        day_n,
        cohort_users,
        {%- for measure in [
            'd0_users', 'active_users', 'rolling_users', 'bracket_users', 'session_count', 'app_open_count',
            'cumulative_session_count', 'cumulative_app_open_count'
        ] %}
        case when is_mature then {{ measure }} end as {{ measure }},
        {%- endfor %}
        {%- for measure in ['ad_revenue', 'iap_revenue', 'cumulative_ad_revenue', 'cumulative_iap_revenue'] %}
        case when is_revenue_mature then {{ measure }} end as {{ measure }},
        {%- endfor %}
        case when is_mature then {{ safe_divide('active_users', 'd0_users') }} end as retention_rate,
        case when is_mature then {{ safe_divide('rolling_users', 'd0_users') }} end as rolling_retention_rate,
        case when is_mature then {{ safe_divide('bracket_users', 'd0_users') }} end as bracket_retention_rate,
        case when is_revenue_mature then ltv end as ltv,

        ---------- booleans
        is_install_inferred,
        is_mature,
        is_revenue_mature,

        ---------- dates
        install_date
    from judged

)

select * from final
