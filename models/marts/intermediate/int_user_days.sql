{{ config(materialized='ephemeral') }}
{%- set unit = 'cast(100000000 as bigint)' -%}
{%- set everywhere_units = whole_divide(
    'user_days.session_count * everywhere.revenue_units', 'everywhere.session_count'
) -%}
{%- set local_units = whole_divide('user_days.session_count * local.revenue_units', 'local.session_count') -%}
with

revenue as (

    -- in whole hundred-millionths of a dollar: whole numbers divide alike on every engine
    select
        app_id,
        platform,
        revenue_date,
        country,
        max(session_count) as session_count,
        cast(sum(revenue_usd) * {{ unit }} as bigint) as revenue_units
    from {{ ref('int_ad_revenue_allocation') }}
    where allocation = 'sessions'
    group by app_id, platform, revenue_date, country

),

final as (

    select
        user_days.*,
        -- most often there is nothing to share, and nothing to compute
        case
            when everywhere.revenue_units is null and local.revenue_units is null
                then {{ as_decimal('0', 28, 8) }}
            else {{ as_decimal(
                '(coalesce(' ~ everywhere_units ~ ', 0) + coalesce(' ~ local_units ~ ', 0)) * '
                ~ as_decimal("'0.00000001'", 9, 8), 28, 8
            ) }}
        end as network_ad_revenue_usd
    from {{ ref('fct_user_days') }} as user_days
    left join revenue as everywhere
        on
            user_days.app_id = everywhere.app_id
            and user_days.platform = everywhere.platform
            and user_days.activity_date = everywhere.revenue_date
            and everywhere.country is null
    left join revenue as local
        on
            user_days.app_id = local.app_id
            and user_days.platform = local.platform
            and user_days.activity_date = local.revenue_date
            and user_days.country = local.country

)

select * from final
