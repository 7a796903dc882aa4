{#- Names of time zones that the engine knows; none where it cannot be asked. -#}
{% macro time_zones() -%}
    {{ return(adapter.dispatch('time_zones', 'app_sessions')()) }}
{%- endmacro %}

{% macro default__time_zones() -%}{{ return(none) }}{%- endmacro %}

{% macro duckdb__time_zones() -%}
    {{ return(run_query("select name from pg_timezone_names() order by 1").columns[0].values()) }}
{%- endmacro %}

{% macro postgres__time_zones() -%}
    {{ return(run_query("select name from pg_timezone_names order by 1").columns[0].values()) }}
{%- endmacro %}

{% macro redshift__time_zones() -%}{{ return(none) }}{%- endmacro %}
