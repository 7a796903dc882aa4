{{ config(**table_layout(date='install_date', keys=['app_id', 'campaign_id'])) }}
{%- set cohort = _cohort_columns() -%}
{%- set of_users = [] -%}
{%- for column in cohort -%}{%- do of_users.append('users.' ~ column) -%}{%- endfor -%}
{%- set counts = ['active_users', 'last_seen_users', 'returned_users', 'session_count', 'app_open_count'] -%}
{%- set revenues = ['ad_revenue', 'iap_revenue'] -%}
{%- set greatest_day_n = var('n_days') | max %}
{%- set feeds = ['events', 'ad_spend', 'ad_revenue'] %}
{%- set of_cohort = cohort + ['cohort_text', 'tracked_installs'] %}
{%- for feed in feeds %}{%- do of_cohort.append(feed ~ '_complete_until') %}{%- endfor %}

with

cohorts as (

    -- the key of one of its users stands for a cohort: a number in the place of six columns
    select
        {{ of_users | join(', ') }},
        {{ key_text(of_users) }} as cohort_text,
        min(users.user_key) as cohort_key,
        count(*) as tracked_installs,
        -- of the slowest of its users' providers
        {{ _complete_until_of_users(feeds) }}
    from {{ ref('int_cohort_users') }} as users
    left join {{ ref('int_feed_completeness') }} as completeness
        on users.provider = completeness.provider and users.app_id = completeness.app_id
    left join {{ ref('int_spend_completeness') }} as spend_completeness
        on users.channel = spend_completeness.channel
    group by {{ of_users | join(', ') }}

),

{{ _cohort_activity(counts, revenues, greatest_day_n) }}

numbers as (

    select cast(generated_number as bigint) as number
    from ({{ dbt.generate_series(greatest_day_n + 1) }}) as series

),

offsets as (

    -- a row for each of so many days: joined by their count, which is faster than by a range
    select
        counts.number as day_count,
        numbers.number - 1 as days_later
    from numbers as counts
    inner join numbers
        on counts.number >= numbers.number

),

known as (

    -- before there are many rows of each
    select
        valued.*,
        {%- for column in of_cohort %}
        cohorts.{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from valued
    inner join cohorts
        on valued.cohort_key = cohorts.cohort_key

),

curves as (

    -- every day of the curve: a day without activity has what was cumulated by the last day with it
    select
        {% for column in of_cohort %}known.{{ column }}, {% endfor %}
        known.d0_users, known.bracket_users, known.ltv,
        {%- for measure in ['session_count', 'app_open_count', 'ad_revenue', 'iap_revenue'] %}
        known.cumulative_{{ measure }},
        {%- endfor %}
        known.day_n + offsets.days_later as day_n,
        {%- for measure in ['active_users', 'session_count', 'app_open_count', 'ad_revenue', 'iap_revenue'] %}
        case when offsets.days_later = 0 then known.{{ measure }} else 0 end as {{ measure }},
        {%- endfor %}
        known.seen_later_users
        + case when offsets.days_later = 0 then known.last_seen_users else 0 end as rolling_users
    from known
    inner join offsets
        on known.day_count = offsets.day_count

),

judged as (

    select
        *,
        {{ is_mature('install_date', 'day_n', ['events'], 'curves') }} as is_mature,
        {{ is_mature('install_date', 'day_n', ['ad_spend'], 'curves') }} as is_spend_mature,
        {{ is_mature('install_date', 'day_n', ['events', 'ad_revenue'], 'curves') }} as is_revenue_mature
    from curves

),

final as (

    select
        ---------- ids
        {{ mart_key(['cohort_text', 'day_n']) }} as cohort_day_id,
        app_id,
        platform,
        campaign_id,

        ---------- strings
        channel,
        {{ reporting_currency() }} as reporting_currency,

        ---------- numerics: an immature day counts on neither side of a ratio
        day_n,
        tracked_installs,
        {%- for measure in _cohort_measures()['counts'] %}
        case when is_mature then {{ measure }} end as {{ measure }},
        {%- endfor %}
        {%- for measure in _cohort_measures()['revenues'] %}
        case when is_revenue_mature then {{ measure }} end as {{ measure }},
        {%- endfor %}
        case when is_mature then {{ safe_divide('active_users', 'd0_users') }} end as retention_rate,
        case when is_mature then {{ safe_divide('rolling_users', 'd0_users') }} end as rolling_retention_rate,
        case when is_mature then {{ safe_divide('bracket_users', 'd0_users') }} end as bracket_retention_rate,
        case when is_revenue_mature then ltv end as ltv,

        ---------- booleans
        is_install_inferred,
        is_mature,
        is_spend_mature,
        is_revenue_mature,

        ---------- dates
        install_date
    from judged

)

select * from final
