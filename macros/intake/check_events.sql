{#-
    Every row of `events` with its event_type, is_activity, rejection_reason (null: accepted) and noted_columns. What staging
    leaves out on purpose is not judged: its reason is staging's. A row is refused for what a session needs; an optional value
    that cannot be read, or cannot be right, is noted by the name of its column, and int_events leaves it out.
-#}
{% macro check_events(events, columns) %}
    {%- set latest = plus_seconds('events.loaded_at', var('max_clock_skew_seconds') | int) -%}
    {%- set earliest = "cast('" ~ var('min_event_at') ~ "' as " ~ dbt.type_timestamp() ~ ")" -%}
    with

    known_apps as (

        select distinct provider, app_id
        from (
            {{ _rows_of_feed('apps') }}
        ) as apps
        where app_id is not null

    ),

    listing_providers as (

        select distinct provider from known_apps

    ),

    known_event_types as (

        select provider, event_name, min(event_type) as event_type, min(case when is_activity then 1 else 0 end) = 1 as is_activity
        from {{ ref('event_types') }}
        group by provider, event_name

    )

    select
        {% for column in columns if column != 'is_activity' %}events.{{ column }}, {% endfor %}
        events.is_activity as given_is_activity,
        coalesce(known_event_types.event_type, other_event_types.event_type, 'in_app_event') as event_type,
        coalesce(events.is_activity, known_event_types.is_activity, other_event_types.is_activity, true) as is_activity,
        {%- set notes = [] -%}
        {%- for column, cannot_be in {
            'installed_at': 'events.installed_at > ' ~ latest ~ ' or events.installed_at < ' ~ earliest,
            'ad_revenue_usd': 'events.ad_revenue_usd < 0',
            'duration_seconds': 'events.duration_seconds < 0'
        }.items() -%}
            {%- do notes.append("case when " ~ cannot_be ~ " then '" ~ column ~ " ' else '' end") -%}
        {%- endfor %}
        nullif(
            coalesce(events.unparsable_columns, '')
            || {{ notes | join('\n            || ') }}, ''
        ) as noted_columns,
        case
            when events.left_out_reason is not null then events.left_out_reason
            when events.unparsable_columns like '%whole_line %' then 'unreadable_line'
            when events.unparsable_columns like '%loaded_at %' then 'unparsable_loaded_at'
            when events.loaded_at is null then 'missing_loaded_at'
            when events.loaded_at > {{ _latest_load() }} then 'loaded_at_in_future'
            when events.app_id is null then 'missing_app_id'
            when listing_providers.provider is not null and known_apps.app_id is null
                then 'unknown_app'
            when events.user_id is null then 'missing_actor'
            when events.event_name is null then 'missing_event_name'
            when events.unparsable_columns like '%event_at %' then 'unparsable_event_at'
            when events.event_at is null then 'missing_event_at'
            when events.event_at > {{ latest }} then 'event_at_in_future'
            when events.event_at < {{ earliest }} then 'event_at_too_old'
        end as rejection_reason
    from {{ events }} as events
    left join known_apps
        on events.provider = known_apps.provider and events.app_id = known_apps.app_id
    left join listing_providers
        on events.provider = listing_providers.provider
    left join known_event_types
        on
            events.provider = known_event_types.provider
            and coalesce(events.event_kind, events.event_name) = known_event_types.event_name
    left join known_event_types as other_event_types
        on events.provider = other_event_types.provider and other_event_types.event_name = '*'
{% endmacro %}

{#-
    Rows that claim to have landed more than a year from now are refused. With load_cutoffs this is the one place where
    the clock decides: such a row would otherwise be read again by every run.
-#}
{% macro _latest_load() %}
    {{ return(_run_clock(366)) }}
{% endmacro %}
