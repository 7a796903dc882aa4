{#-
    `mart_cohorts_n_day` by the week or month of the install: sums, and ratios of sums. An install date whose day N is
    immature has null measures there, so that it is on neither side of a ratio here.
-#}
{% macro _cohorts_by_period(period) -%}
{%- set keys = ['app_id', 'platform', 'channel', 'campaign_id', 'cohort_start_date', 'day_n'] -%}
{%- set counts, revenues = _cohort_measures()['counts'], _cohort_measures()['revenues'] -%}
with

cohort_days as (

    select
        cohorts.*,
        dates.{{ period }} as cohort_start_date
    from {{ ref('mart_cohorts_n_day') }} as cohorts
    inner join {{ ref('dim_dates') }} as dates
        on cohorts.install_date = dates.date_day

),

summed as (

    select
        {{ keys | join(', ') }},
        sum(tracked_installs) as tracked_installs,
        sum(case when is_mature then tracked_installs else 0 end) as mature_installs,
        sum(case when is_revenue_mature then d0_users end) as revenue_d0_users,
        {%- for measure in counts + revenues %}
        sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from cohort_days
    group by {{ keys | join(', ') }}

),

final as (

    select
        ---------- ids
        {{ mart_key(keys) }} as cohort_period_day_id,
        app_id,
        platform,
        campaign_id,

        ---------- strings
        channel,
        {{ reporting_currency() }} as reporting_currency,

        ---------- numerics
        day_n,
        {%- for measure in ['tracked_installs', 'mature_installs', 'revenue_d0_users'] + counts %}
        cast({{ measure }} as bigint) as {{ measure }},
        {%- endfor %}
        {%- for measure in revenues %}
        {{ as_decimal(measure, 28, 9 if 'ad_' in measure else 6) }} as {{ measure }},
        {%- endfor %}
        {{ safe_divide('active_users', 'd0_users') }} as retention_rate,
        {{ safe_divide('rolling_users', 'd0_users') }} as rolling_retention_rate,
        {{ safe_divide('bracket_users', 'd0_users') }} as bracket_retention_rate,
        {{ safe_divide('cumulative_ad_revenue + cumulative_iap_revenue', 'revenue_d0_users') }} as ltv,

        ---------- dates
        cohort_start_date
    from summed

)

select * from final
{%- endmacro %}
