{%- set measures = [
    'ad_impression_count', 'purchase_count', 'refund_count', 'ad_revenue_usd', 'iap_revenue_usd'
] %}

with

events as (

    select
        app_id,
        platform,
        {{ local_date('event_at', 'app_id') }} as activity_date,
        count(case when event_type = 'ad_impression' then 1 end) as ad_impression_count,
        count(case when event_type = 'purchase' then 1 end) as purchase_count,
        count(case when event_type = 'refund' then 1 end) as refund_count,
        coalesce(sum(ad_revenue_usd), 0) as ad_revenue_usd,
        coalesce(sum(iap_revenue_usd), 0) as iap_revenue_usd
    from {{ ref('int_events') }}
    where event_type in ('ad_impression', 'purchase', 'refund') or ad_revenue_usd <> 0 or iap_revenue_usd <> 0
    group by app_id, platform, {{ local_date('event_at', 'app_id') }}

),

user_days as (

    select
        app_id,
        platform,
        activity_date,
        {%- for measure in measures %}
        sum({{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_user_days') }}
    group by app_id, platform, activity_date

),

final as (

    select
        coalesce(events.app_id, user_days.app_id) as app_id,
        coalesce(events.platform, user_days.platform) as platform,
        coalesce(events.activity_date, user_days.activity_date) as activity_date,
        {%- for measure in measures %}
        coalesce(events.{{ measure }}, 0) as {{ measure }}_of_events,
        coalesce(user_days.{{ measure }}, 0) as {{ measure }}_of_user_days{{ ',' if not loop.last }}
        {%- endfor %}
    from events
    full outer join user_days
        on
            events.app_id = user_days.app_id
            and events.platform = user_days.platform
            and events.activity_date = user_days.activity_date

)

select * from final
where
    {%- for measure in measures %}
    {{ 'or ' if not loop.first }}{{ measure }}_of_events <> {{ measure }}_of_user_days
    {%- endfor %}
