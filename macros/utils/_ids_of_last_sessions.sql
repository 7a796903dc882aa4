{#-
    Selects the device id and the customer's id of each user: what the events of the last session carry. `users` has the
    times of these sessions, `last_started_at` and `last_seen_at`.
-#}
{% macro _ids_of_last_sessions(scope, users) %}
    {%- set spans -%}
    select max(started_at) as started_at, max(ended_at) as ended_at
    from {{ ref('fct_sessions') }}
    {{ where_touched(scope) }}
    group by user_key
    {%- endset %}
    -- a device id that is usable is the user's id, so there is one; of customer ids, the newest, then the smallest
    select
        user_key,
        max(device_id) as device_id,
        min(case when place = 1 then customer_user_id end) as customer_user_id
    from (
        select
            *,
            row_number() over (
                partition by user_key
                order by case when customer_user_id is null then 1 else 0 end asc, last_at desc, customer_user_id asc
            ) as place
        from (
            select
                events.user_key,
                case when events.device_id = events.user_id then events.device_id end as device_id,
                events.customer_user_id,
                max(events.event_at) as last_at
            from {{ events_within(spans) }} as events
            inner join {{ users }} as users
                on
                    events.user_key = users.user_key
                    and events.event_at >= users.last_started_at
                    and events.event_at <= users.last_seen_at
            where events.is_activity
            group by events.user_key, events.device_id, events.user_id, events.customer_user_id
        ) as session_ids
    ) as placed
    group by user_key
{% endmacro %}
