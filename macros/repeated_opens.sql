{#- Selects the app opens that do not count, since they follow the one before too soon. -#}
{% macro repeated_opens(relation, session) -%}
    select opens.*
    from (
        select
            events.*,
            provider_settings.min_open_interval_seconds,
            lag(events.event_at) over (
                partition by
                    {%- for column in session %} events.{{ column }},{% endfor %} events.provider
                order by events.event_at
            ) as previous_open_at
        from {{ relation }} as events
        inner join {{ ref('provider_settings') }} as provider_settings
            on events.provider = provider_settings.provider
        where events.event_type = 'app_open' and provider_settings.min_open_interval_seconds > 0
    ) as opens
    where
        {{ epoch_us('opens.event_at') }} - {{ epoch_us('opens.previous_open_at') }}
        < opens.min_open_interval_seconds * cast(1000000 as bigint)
{%- endmacro %}

{#- Counts them by session, of sessions with several opens; `sessions` has their number and times. -#}
{% macro repeated_open_counts(events, sessions) -%}
    select user_key, started_at, count(*) as repeated_open_count
    from (
        {{ repeated_opens(
            '(select events.provider, events.event_type, events.event_at, sessions.user_key, sessions.started_at'
            ~ ' from ' ~ events ~ ' as events inner join ' ~ sessions ~ ' as sessions'
            ~ ' on events.user_key = sessions.user_key'
            ~ ' and events.event_at >= sessions.started_at and events.event_at <= sessions.ended_at'
            ~ " where sessions.explicit_open_count > 1 and events.event_type = 'app_open')",
            ['user_key', 'started_at']
        ) }}
    ) as repeated
    group by user_key, started_at
{%- endmacro %}
