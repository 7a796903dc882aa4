{#- The md5 of user and start that is a session's id. -#}
{% macro session_id(user_key, started_at) -%}
    {{ dbt.hash(
        'cast(' ~ user_key ~ ' as ' ~ dbt.type_string() ~ ") || '-' || cast(" ~ app_sessions.epoch_us(started_at)
        ~ ' as ' ~ dbt.type_string() ~ ')'
    ) }}
{%- endmacro %}

{#- Platform and app id with a colon between; no platform has a colon. -#}
{% macro app_key(app_id, platform) -%}
    {{ platform }} || ':' || {{ app_id }}
{%- endmacro %}
