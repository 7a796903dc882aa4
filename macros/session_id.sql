{#- Reference: macros/_macros.yml (session_id). -#}
{% macro session_id(user_key, started_at) -%}
    {{ dbt.hash(
        'cast(' ~ user_key ~ ' as ' ~ dbt.type_string() ~ ") || '-' || cast(" ~ app_sessions.epoch_us(started_at)
        ~ ' as ' ~ dbt.type_string() ~ ')'
    ) }}
{%- endmacro %}

{#- Reference: macros/_macros.yml (app_key). -#}
{% macro app_key(app_id, platform) -%}
    {{ platform }} || ':' || {{ app_id }}
{%- endmacro %}
