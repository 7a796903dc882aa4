{#- The 63-bit key of a user, the same on every engine. -#}
{% macro user_key(app_id, platform, user_id) -%}
    {{ app_sessions.hash63(
        platform ~ " || ':' || cast(length(" ~ app_id ~ ") as " ~ dbt.type_string() ~ ") || ':' || "
        ~ app_id ~ " || ':' || " ~ user_id
    ) }}
{%- endmacro %}
