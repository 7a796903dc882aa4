with

final as (

    select
        ---------- ids
        events.provider,
        events.event_key,
        events.event_id,
        events.user_key,
        events.app_id,
        events.platform,
        events.user_id,
        events.device_id,
        events.customer_user_id,
        events.campaign_id,

        ---------- strings
        events.event_name,
        events.event_type,
        events.country,
        events.app_version,
        events.os_version,
        events.device_model,
        events.channel,
        events.currency,

        ---------- numerics
        events.revenue,
        -- 18 digits by 18 digits would overflow on DuckDB; a refund is negative, whatever sign was sent
        {{ round_decimal(
            as_decimal("case when events.event_type = 'refund' then -abs(events.revenue) else events.revenue end", 28, 6)
            ~ ' * coalesce(rates.usd_per_unit, 1)', 24, 6
        ) }} as iap_revenue_usd,
        events.ad_revenue_usd,
        events.duration_seconds,

        ---------- booleans
        events.is_activity,
        events.is_reengagement,

        ---------- timestamps
        events.event_at,
        events.received_at,
        events.loaded_at,
        events.installed_at
    from {{ ref('int_event_log') }} as events
    left join {{ ref('int_exchange_rates') }} as rates
        on
            -- one key, so that rows without revenue are done with at once
            case when events.revenue is not null then events.currency end = rates.currency
            and cast(events.event_at as date) >= rates.valid_from
            and cast(events.event_at as date) < rates.valid_until
    where events.event_status = 'accepted'

)

select * from final
