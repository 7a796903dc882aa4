{{ config(**table_layout(date='install_date', keys=['app_id', 'install_country'])) }}
{%- set cohort = ['app_id', 'platform', 'install_country', 'install_app_version', 'install_date'] %}
{%- set counts = ['active_users', 'session_count', 'app_open_count'] %}
{%- set cumulative = ['app_open_count', 'ad_revenue', 'iap_revenue'] %}
{%- set so_far = ['cumulative_app_open_count', 'cumulative_ad_revenue', 'cumulative_iap_revenue'] %}
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

summed as (

    -- one pass for all days N
    select
        {{ cohort | join(', ') }},
        sum(case when day_n = 0 then active_users else 0 end) as d0_users
        {%- for n in var('n_days') %}
        {%- for measure in counts %},
        sum(case when day_n = {{ n }} then {{ measure }} else 0 end) as {{ measure }}_{{ n }}
        {%- endfor %}
        {%- for measure in cumulative %},
        sum(case when day_n <= {{ n }} then {{ measure }} else 0 end) as cumulative_{{ measure }}_{{ n }}
        {%- endfor %}
        {%- endfor %}
    from {{ ref('int_install_days') }}
    where day_n <= {{ var('n_days') | max }}
    group by {{ cohort | join(', ') }}

),

known as (

    -- cohorts of whom nothing is known after the install stay
    select
        cohorts.*,
        coalesce(summed.d0_users, 0) as d0_users
        {%- for n in var('n_days') %}
        {%- for measure in counts + so_far %},
        coalesce(summed.{{ measure }}_{{ n }}, 0) as {{ measure }}_{{ n }}
        {%- endfor %}
        {%- endfor %}
    from cohorts
    left join summed
        on
            {%- for key in cohort %}
            cohorts.{{ key }} = summed.{{ key }}{{ ' and' if not loop.last }}
            {%- endfor %}

),

cells as (

    {% for n in var('n_days') -%}
    select
        {{ cohort | join(', ') }},
        tracked_installs, events_complete_until, ad_revenue_complete_until,
        cast({{ n }} as bigint) as day_n,
        d0_users,
        {%- for measure in counts + so_far %}
        {{ measure }}_{{ n }} as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from known
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

),

judged as (

    select
        *,
        {{ is_mature('install_date', 'day_n', ['events'], 'cells') }} as is_mature,
        {{ is_mature('install_date', 'day_n', ['events', 'ad_revenue'], 'cells') }} as is_revenue_mature
    from cells

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
