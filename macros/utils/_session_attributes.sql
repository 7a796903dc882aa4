{#-
    CTEs up to `attributes`: country and version of the first event of `sessions` that have several of them, the campaign of
    the first event that names one, and that of the first which is a re-engagement. `reengages` is the condition of these.
-#}
{% macro _session_attributes(reengages) -%}
{%- set attributes = ['country', 'app_version', 'touch_campaign_id', 'touch_channel', 'reengagement_campaign_id'] -%}
{%- set null_text = 'cast(null as ' ~ dbt.type_string() ~ ')' -%}
first_events as (

    -- nearly all sessions have one country and version: those need no event again
    select sessions.user_key, sessions.started_at, events.country, events.app_version
    from sessions
    inner join events
        on sessions.user_key = events.user_key and sessions.started_at = events.event_at
    where sessions.least_fingerprint <> sessions.greatest_fingerprint

),

touches as (

    select user_key, event_at, campaign_id, channel, {{ reengages }} as is_reengagement
    from events
    where campaign_id is not null

),

{% for kind in ['touch', 'reengagement'] %}
first_{{ kind }}_events as (

    -- of several at one instant, the smallest campaign and channel first
    select user_key, started_at, campaign_id, channel
    from (
        select
            sessions.user_key, sessions.started_at, touches.campaign_id, touches.channel,
            row_number() over (
                partition by sessions.user_key, sessions.started_at
                order by touches.campaign_id nulls last, touches.channel nulls last
            ) as place
        from sessions
        inner join touches
            on sessions.user_key = touches.user_key and sessions.first_{{ kind }}_at = touches.event_at
        {{ 'where touches.is_reengagement' if kind == 'reengagement' }}
    ) as placed
    where place = 1

),

{% endfor %}
attributes as (

    -- brought together by one aggregation; of several events at the first instant, the smallest value
    select
        user_key,
        started_at,
        {%- for name in attributes %}
        min({{ name }}) as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        {% for source, columns in [
            ('first_events', {'country': 'country', 'app_version': 'app_version'}),
            ('first_touch_events', {'touch_campaign_id': 'campaign_id', 'touch_channel': 'channel'}),
            ('first_reengagement_events', {'reengagement_campaign_id': 'campaign_id'})
        ] -%}
        select
            user_key,
            started_at,
            {%- for name in attributes %}
            {{ columns.get(name, null_text) }} as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ source }}
        {{ 'union all ' if not loop.last }}
        {%- endfor %}
    ) as candidates
    group by user_key, started_at

),
{%- endmacro %}
