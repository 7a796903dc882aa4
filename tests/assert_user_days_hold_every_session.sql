{%- set measures = [
    'session_count', 'event_count', 'app_open_count', 'in_app_event_count'
] %}

with

sessions as (

    select user_key, 1 as session_count, {{ measures[1:] | join(', ') }}
    from {{ ref('fct_sessions') }}

),

sides as (

    select
        user_key,
        {%- for measure in measures %}
        {{ measure }} as {{ measure }}_of_sessions,
        0 as {{ measure }}_of_user_days{{ ',' if not loop.last }}
        {%- endfor %}
    from sessions
    union all
    select
        user_key,
        {%- for measure in measures %}
        0 as {{ measure }}_of_sessions,
        {{ measure }} as {{ measure }}_of_user_days{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_user_days') }}

),

final as (

    -- a session may be on two days, but not on two users
    select
        user_key,
        {%- for measure in measures %}
        sum({{ measure }}_of_sessions) as {{ measure }}_of_sessions,
        sum({{ measure }}_of_user_days) as {{ measure }}_of_user_days{{ ',' if not loop.last }}
        {%- endfor %}
    from sides
    group by user_key

)

select * from final
where
    {%- for measure in measures %}
    {{ 'or ' if not loop.first }}{{ measure }}_of_sessions <> {{ measure }}_of_user_days
    {%- endfor %}
