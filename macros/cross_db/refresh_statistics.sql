{#- Post-hook of a table: where the planner knows nothing of a table that has just been built, the statement that tells it. -#}
{% macro refresh_statistics() -%}
    {{ return(adapter.dispatch('refresh_statistics', 'app_sessions')()) }}
{%- endmacro %}

{% macro default__refresh_statistics() -%}{%- endmacro %}

{#- Of a table that has just been built Postgres knows nothing until autovacuum comes by, and plans nested loops. -#}
{% macro postgres__refresh_statistics() -%}
    {%- if rebuild_scope() == 'all' -%}analyze {{ this }}{%- endif -%}
{%- endmacro %}

{% macro redshift__refresh_statistics() -%}{%- endmacro %}
