{#-
    Keys of rows that arrive which the log has already, each with the time of the log's event. Where the copies of an event have times
    near each other (the variable deduplication_window_days), only events with times near those of what arrives are looked at, by
    constants, so that an engine can skip what it stores of other times; else all of history is, of which an event's key is one column.
-#}
{% macro _known_keys(keyed, plan) -%}
    {%- set by_days = {} -%}
    {%- for provider in _arriving_providers(plan) -%}
        {%- do by_days.setdefault(var('deduplication_window_days').get(provider), []).append(provider) -%}
    {%- endfor -%}
    {%- set places = [] -%}
    {%- for days, providers in by_days.items() -%}
        {%- set keys = 'event_key in (select keyed.event_key from keyed where keyed.provider in ' ~ _in_list(providers) ~ ')' -%}
        {%- if days is none or model.plan.nothing_to_do -%}
            {%- do places.append(keys) -%}
        {%- else -%}
            {%- for first, last in _span_ranges(_days_of_arrivals(keyed, providers, days)) -%}
                {%- do places.append('event_at >= ' ~ first ~ ' and event_at <= ' ~ last ~ ' and ' ~ keys) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    select distinct event_key, event_at
    from (
        {%- for place in places %}
        select event_key, event_at
        from {{ this }}
        where event_status = 'accepted' and {{ place }}
        {{ 'union all' if not loop.last }}
        {%- else %}
        select event_key, event_at
        from {{ this }}
        where 1 = 0
        {%- endfor %}
    ) as known
{%- endmacro %}

{#- Of whom rows arrive, or may. -#}
{% macro _arriving_providers(plan) -%}
    {%- set all_providers = _event_providers() -%}
    {{ return(all_providers if plan.files is none or plan.rejudged else all_providers | select('in', plan.files) | list) }}
{%- endmacro %}

{#- A row per date of what arrives, with its first and last time, each so many days away. -#}
{% macro _days_of_arrivals(keyed, providers, days) -%}
    select
        {{ plus_seconds('min(event_at)', -86400 * days) }} as started_at,
        {{ plus_seconds('max(event_at)', 86400 * days) }} as ended_at
    from ({{ computed_before('keyed', keyed) }}) as keyed
    where rejection_reason is null and provider in {{ _in_list(providers) }}
    group by cast(event_at as date)
{%- endmacro %}
