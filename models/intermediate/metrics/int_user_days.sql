{{ config(materialized='tracked_view') }}
{%- set unit = 'cast(1000000000 as bigint)' -%}
with

revenue as (

    -- in whole billionths of a dollar: whole numbers divide alike on every engine
    select
        app_id,
        platform,
        revenue_date,
        country,
        max(first_user_day_id) as first_user_day_id,
        max(session_count) as session_count,
        cast(sum(revenue_usd) * {{ unit }} as bigint) as revenue_units
    from {{ ref('int_ad_revenue_allocation') }}
    where allocation = 'sessions'
    group by app_id, platform, revenue_date, country

),

shares as (

    -- every session is worth the same; what does not divide belongs to the first user day by its key
    select
        *,
        revenue_units - units_per_session * session_count as rest_units
    from (
        select
            *,
            case when revenue_units < 0 then -1 else 1 end
            * {{ whole_divide('abs(revenue_units)', 'session_count') }} as units_per_session
        from revenue
    ) as divided

),

final as (

    select
        user_days.*,
        -- most often there is nothing to share, and nothing to compute
        case
            when all_countries.units_per_session is null and local.units_per_session is null
                then {{ as_decimal('0', 28, 9) }}
            {%- set share -%}
                (
                    user_days.session_count
                    * (coalesce(all_countries.units_per_session, 0) + coalesce(local.units_per_session, 0))
                    {%- for shared in ['all_countries', 'local'] %}
                    + case
                        when user_days.user_day_id = {{ shared }}.first_user_day_id
                            then {{ shared }}.rest_units
                        else 0
                    end
                    {%- endfor %}
                ) * {{ as_decimal("'0.000000001'", 9, 9) }}
            {%- endset %}
            else {{ as_decimal(share, 28, 9) }}
        end as network_ad_revenue_usd
    from {{ ref('fct_user_days') }} as user_days
    left join shares as all_countries
        on
            user_days.app_id = all_countries.app_id
            and user_days.platform = all_countries.platform
            and user_days.activity_date = all_countries.revenue_date
            and all_countries.country is null
    left join shares as local
        on
            user_days.app_id = local.app_id
            and user_days.platform = local.platform
            and user_days.activity_date = local.revenue_date
            and upper(user_days.country) = local.country

)

select * from final
