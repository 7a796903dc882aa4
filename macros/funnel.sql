{#- Selects a row per user who did the first of some steps, with the time of each step that came in order. -#}
{% macro funnel(
    relation,
    steps,
    user_key='user_key',
    event_at='event_at',
    event_name='event_name',
    window_seconds=none
) %}
{%- set is_window = window_seconds is integer and window_seconds is not boolean and window_seconds > 0 -%}
{%- do app_sessions._require(
    window_seconds is none or is_window,
    'funnel', "window_seconds must be a whole number of seconds above 0, or none, got '" ~ window_seconds ~ "'"
) -%}
{%- do app_sessions._require(
    steps is sequence and steps is not string and steps | length >= 2,
    'funnel', "steps must be a list of two or more names of events, got '" ~ steps ~ "'"
) -%}
{%- set names = [] -%}
{%- for step in steps -%}{%- do names.append("'" ~ dbt.escape_single_quotes(step) ~ "'") -%}{%- endfor %}

with

step_events as (

    select
        {{ user_key }} as user_key,
        {{ event_name }} as event_name,
        {{ event_at }} as event_at
    from {{ relation }}
    where {{ event_name }} in ({{ names | unique | join(', ') }})

),

{% for name in names -%}
{%- set number = loop.index -%}
step_{{ number }} as (

    select
        *,
        min(
            case
                when
                    event_name = {{ name }}
                    {%- if number > 1 %}
                    -- of two names that come again one event is not two steps
                    and event_at {{ '>' if name in names[:number - 1] else '>=' }} step_{{ number - 1 }}_at
                    {%- if window_seconds %}
                    and event_at <= {{ app_sessions.plus_seconds('step_1_at', window_seconds) }}
                    {%- endif %}
                    {%- endif %}
                    then event_at
            end
        ) over (partition by user_key) as step_{{ number }}_at
    from {{ 'step_' ~ (number - 1) if number > 1 else 'step_events' }}

),

{% endfor -%}
reached as (

    -- who was at a step was at all before it
    select
        user_key,
        {%- for name in names %}
        min(step_{{ loop.index }}_at) as step_{{ loop.index }}_at,
        {%- endfor %}
        max(
            {%- for name in names %}
            case when step_{{ loop.index }}_at is not null then 1 else 0 end{{ ' +' if not loop.last }}
            {%- endfor %}
        ) as step_count
    from step_{{ names | length }}
    where step_1_at is not null
    group by user_key

)

select * from reached
{% endmacro %}
