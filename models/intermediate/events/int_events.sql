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
        events.vendor_session_id,
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
            ~ ' * case when events.currency is null then 1 else rates.usd_per_unit end', 24, 6
        ) }} as iap_revenue_usd,
        -- what was noted cannot be right
        case when events.noted_columns is null or events.noted_columns not like '%ad_revenue_usd %' then events.ad_revenue_usd end
            as ad_revenue_usd,
        case when events.noted_columns is null or events.noted_columns not like '%duration_seconds %' then events.duration_seconds end
            as duration_seconds,

        ---------- booleans
        events.is_activity,
        events.is_reengagement,

        ---------- timestamps
        events.event_at,
        events.received_at,
        events.loaded_at,
        case when events.noted_columns is null or events.noted_columns not like '%installed_at %' then events.installed_at end
            as installed_at
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
