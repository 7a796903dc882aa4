{{ config(
    unique_key='date_day',
    pre_hook="{{ app_sessions.check_reporting_currency() }}",
    meta={'grows': true, 'handles': ['int_exchange_rates', 'fct_ad_spend', 'fct_ad_revenue']}
) }}
{%- do rebuild_scope() %}
{%- do stale_rows('1 = 1') %}
{%- set rates_relation = ref('int_exchange_rates') %}

with

bounds as (

    select
        min(first_date) as first_date,
        max(last_date) as last_date
    from (
        select min(activity_date) as first_date, max(activity_date) as last_date
        from {{ ref('fct_user_days') }}
        union all
        select min(install_date) as first_date, max(install_date) as last_date
        from {{ ref('fct_installs') }}
        union all
        select min(spend_date) as first_date, max(spend_date) as last_date
        from {{ ref('fct_ad_spend') }}
        union all
        select min(revenue_date) as first_date, max(revenue_date) as last_date
        from {{ ref('fct_ad_revenue') }}
    ) as feeds

),

days as (

    -- 2^15 days are 89 years
    select {{ dbt.dateadd('day', 'cast(numbers.generated_number as bigint) - 1', 'bounds.first_date') }} as date_day
    from ({{ dbt.generate_series(32768) }}) as numbers
    cross join bounds
    where numbers.generated_number <= {{ days_between('bounds.first_date', 'bounds.last_date') }} + 1

),

final as (

    select
        cast(days.date_day as date) as date_day,
        {{ week_start('days.date_day') }} as week_start_date,
        cast({{ dbt.date_trunc('month', 'days.date_day') }} as date) as month_start_date,
        cast(extract(year from days.date_day) as bigint) as year_number,
        -- what one dollar of that day is in the reporting currency
        {{ as_decimal(safe_divide('1', 'rates.usd_per_unit'), 18, 8) }} as reporting_units_per_usd
    from days
    inner join {{ rates_relation }} as rates
        on
            rates.currency = '{{ var("reporting_currency") | upper }}'
            and cast(days.date_day as date) >= rates.valid_from
            and cast(days.date_day as date) < rates.valid_until

)

select * from final
