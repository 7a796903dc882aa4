{{ config(**table_layout(date='install_date', keys=['app_id', 'install_country'])) }}
{%- set cohort = ['app_id', 'platform', 'install_country', 'install_app_version', 'install_date'] %}
{%- set counts = ['active_users', 'session_count', 'app_open_count'] %}
{%- set cumulative = ['app_open_count', 'ad_revenue', 'iap_revenue'] %}
with

users as (

    select
        user_key,
        provider,
        app_id,
        platform,
        coalesce(country, '(unknown)') as install_country,
        coalesce(app_version, '(unknown)') as install_app_version,
        install_date
    from {{ ref('fct_installs') }}
    where not is_reinstall

),

cohorts as (

    select
        {% for key in cohort %}users.{{ key }}, {% endfor %}
        count(*) as tracked_installs,
        -- of the slowest of its users' providers
        {{ _complete_until_of_users(['events', 'ad_revenue']) }}
    from users
    left join {{ ref('int_feed_completeness') }} as completeness
        on users.provider = completeness.provider and users.app_id = completeness.app_id
    group by {% for key in cohort %}users.{{ key }}{{ ', ' if not loop.last }}{% endfor %}

),

user_days as (

    -- a relative day N can lie on two dates
    select
        days.user_key,
        days.day_n,
        max(case when days.is_active then 1 else 0 end) as active_users,
        sum(days.session_count) as session_count,
        sum(days.app_open_count) as app_open_count,
        {%- set ad_revenue_usd = '(days.ad_revenue_usd + days.network_ad_revenue_usd)' %}
        sum({{ in_reporting_currency(ad_revenue_usd, 'dates.reporting_units_per_usd') }}) as ad_revenue,
        sum({{ in_reporting_currency('days.iap_revenue_usd', 'dates.reporting_units_per_usd') }}) as iap_revenue
    from {{ ref('int_user_days') }} as days
    inner join {{ ref('dim_dates') }} as dates
        on days.activity_date = dates.date_day
    where days.day_n >= 0 and days.day_n <= {{ var('n_days') | max }}
    group by days.user_key, days.day_n

),

summed as (

    -- one pass for all days N, and cohorts of whom nothing is known after the install
    select
        {% for key in cohort %}users.{{ key }}, {% endfor %}
        sum(case when user_days.day_n = 0 then user_days.active_users else 0 end) as d0_users
        {%- for n in var('n_days') %}
        {%- for measure in counts %},
        sum(case when user_days.day_n = {{ n }} then user_days.{{ measure }} else 0 end) as {{ measure }}_{{ n }}
        {%- endfor %}
        {%- for measure in cumulative %},
        sum(case when user_days.day_n <= {{ n }} then user_days.{{ measure }} else 0 end) as so_far_{{ measure }}_{{ n }}
        {%- endfor %}
        {%- endfor %}
    from users
    left join user_days
        on users.user_key = user_days.user_key
    group by {% for key in cohort %}users.{{ key }}{{ ', ' if not loop.last }}{% endfor %}

),

cells as (

    {% for n in var('n_days') -%}
    select
        {{ cohort | join(', ') }},
        cast({{ n }} as bigint) as day_n,
        d0_users,
        {%- for measure in counts %}
        {{ measure }}_{{ n }} as {{ measure }},
        {%- endfor %}
        {%- for measure in cumulative %}
        so_far_{{ measure }}_{{ n }} as cumulative_{{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from summed
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

),

judged as (

    select
        cells.*,
        cohorts.tracked_installs,
        {{ is_mature('cohorts.install_date', 'cells.day_n', ['events'], 'cohorts') }} as is_mature,
        {{ is_mature('cohorts.install_date', 'cells.day_n', ['events', 'ad_revenue'], 'cohorts') }}
            as is_revenue_mature
    from cells
    inner join cohorts
        on
            {%- for key in cohort %}
            cells.{{ key }} = cohorts.{{ key }}{{ ' and' if not loop.last }}
            {%- endfor %}

),

final as (

    select
        ---------- ids
        {{ mart_key(cohort + ['day_n']) }} as cohort_country_day_id,
        app_id,
        platform,

        ---------- strings
        install_country,
        install_app_version,
        {{ reporting_currency() }} as reporting_currency,

        ---------- numerics: an immature day counts on neither side of a ratio
        day_n,
        cast(tracked_installs as bigint) as tracked_installs,
        {%- for measure in ['d0_users'] + counts + ['cumulative_app_open_count'] %}
        case when is_mature then cast({{ measure }} as bigint) end as {{ measure }},
        {%- endfor %}
        case when is_revenue_mature then {{ round_decimal('cumulative_ad_revenue', 28, 9) }} end as cumulative_ad_revenue,
        case when is_revenue_mature then {{ round_decimal('cumulative_iap_revenue', 28, 6) }} end as cumulative_iap_revenue,
        case when is_mature then {{ safe_divide('active_users', 'd0_users') }} end as retention_rate,
        case
            when is_revenue_mature
                then {{ safe_divide('cumulative_ad_revenue + cumulative_iap_revenue', 'd0_users') }}
        end as ltv,

        ---------- booleans
        is_mature,
        is_revenue_mature,

        ---------- dates
        install_date
    from judged

)

select * from final
