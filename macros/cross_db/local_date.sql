{#- Reference: macros/_macros.yml (local_date). -#}
{% macro local_date(timestamp) -%}
    {%- set time_zone = var('reporting_timezone') -%}
    {%- if time_zone == 'UTC' -%}
        cast({{ timestamp }} as date)
    {%- else -%}
        {{ return(adapter.dispatch('local_date', 'app_sessions')(timestamp, time_zone)) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__local_date(timestamp, time_zone) -%}
    cast((({{ timestamp }}) at time zone 'UTC') at time zone '{{ time_zone }}' as date)
{%- endmacro %}

{% macro duckdb__local_date(timestamp, time_zone) -%}
    cast(timezone('{{ time_zone }}', timezone('UTC', {{ timestamp }})) as date)
{%- endmacro %}

{% macro spark__local_date(timestamp, time_zone) -%}
    cast(from_utc_timestamp({{ timestamp }}, '{{ time_zone }}') as date)
{%- endmacro %}

{% macro snowflake__local_date(timestamp, time_zone) -%}
    cast(convert_timezone('UTC', '{{ time_zone }}', {{ timestamp }}) as date)
{%- endmacro %}

{% macro bigquery__local_date(timestamp, time_zone) -%}
    date({{ timestamp }}, '{{ time_zone }}')
{%- endmacro %}

{% macro redshift__local_date(timestamp, time_zone) -%}
    cast(convert_timezone('UTC', '{{ time_zone }}', {{ timestamp }}) as date)
{%- endmacro %}

{% macro trino__local_date(timestamp, time_zone) -%}
    cast(at_timezone(with_timezone({{ timestamp }}, 'UTC'), '{{ time_zone }}') as date)
{%- endmacro %}
