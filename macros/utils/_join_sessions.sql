{#-
    Left joins of rows with a first and a last time to the one session of `sessions` that holds both: `day_sessions` or
    `long_sessions`, one at most. Joined by user and range alone an engine compares each row with all sessions of its user, which for
    users of years is most of the work; nearly all sessions lie within a date (UTC), and are found by it.
-#}
{% macro _join_sessions(sessions, user_key, first_at, last_at) -%}
    {%- for name, is_of_a_day in [('day_sessions', '='), ('long_sessions', '<>')] %}
    left join (
        select session_id, user_key, started_at, ended_at
        from {{ sessions }}
        where cast(started_at as date) {{ is_of_a_day }} cast(ended_at as date)
    ) as {{ name }}
        on
            {{ user_key }} = {{ name }}.user_key
            {%- if is_of_a_day == '=' %}
            and cast({{ first_at }} as date) = cast({{ name }}.started_at as date)
            {%- endif %}
            and {{ first_at }} >= {{ name }}.started_at
            and {{ last_at }} <= {{ name }}.ended_at
    {%- endfor %}
{%- endmacro %}
