{{ config(materialized='ephemeral') }}
{%- set as_of = "cast('" ~ var('as_of') ~ "' as date)" -%}

-- the last day of which each feed is complete: late_days before the newest load
with

feeds as (

    select
        {%- if var('as_of') %}
        {{ as_of }} as events_until,
        {{ as_of }} as ad_spend_until,
        {{ as_of }} as ad_revenue_until
        {%- else %}
        (select max(cast(loaded_at as date)) from {{ ref('fct_sessions') }}) as events_until,
        (
            select max(coalesce(cast(updated_at as date), spend_date)) from {{ ref('fct_ad_spend') }}
        ) as ad_spend_until,
        (
            select max(coalesce(cast(updated_at as date), revenue_date)) from {{ ref('fct_ad_revenue') }}
        ) as ad_revenue_until
        {%- endif %}

),

final as (

    select
        cast({{ dbt.dateadd('day', -(var('late_days') | int), 'events_until') }} as date)
            as events_complete_until,
        cast({{ dbt.dateadd('day', -(var('late_days') | int), 'ad_spend_until') }} as date)
            as ad_spend_complete_until,
        cast({{ dbt.dateadd('day', -(var('late_days') | int), 'ad_revenue_until') }} as date)
            as ad_revenue_complete_until
    from feeds

)

select * from final
