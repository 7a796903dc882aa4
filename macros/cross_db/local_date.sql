{#- Date of a timestamp (UTC) in the app's zone, else in the var `reporting_timezone`. -#}
{% macro local_date(timestamp, app_id) -%}
    {%- do _require(app_id is defined, 'local_date', 'say the app whose time zone counts, or none, of ' ~ timestamp) -%}
    {%- set default = _date_in_zone(timestamp, var('reporting_timezone')) -%}
    {%- set branches = [] -%}
    {%- for zone, app_ids in app_time_zones().items() if app_id and zone != var('reporting_timezone') -%}
        {%- do branches.append('when ' ~ app_id ~ ' in ' ~ _in_list(app_ids) ~ ' then ' ~ _date_in_zone(timestamp, zone)) -%}
    {%- endfor -%}
    {{ return('case ' ~ branches | join(' ') ~ ' else ' ~ default ~ ' end' if branches else default) }}
{%- endmacro %}

{% macro _date_in_zone(timestamp, time_zone) -%}
    {%- if time_zone == 'UTC' -%}{{ return('cast(' ~ timestamp ~ ' as date)') }}{%- endif -%}
    {{ return(adapter.dispatch('local_date', 'app_sessions')(timestamp, time_zone)) }}
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

{#- BigQuery fails where the local date would be outside the years 1 to 9999. -#}
{% macro bigquery__local_date(timestamp, time_zone) -%}
    case
        when {{ timestamp }} >= timestamp '0001-01-01 12:00:00' and {{ timestamp }} < timestamp '9999-12-31 10:00:00'
            then date({{ timestamp }}, '{{ time_zone }}')
    end
{%- endmacro %}

{% macro redshift__local_date(timestamp, time_zone) -%}
    cast(convert_timezone('UTC', '{{ time_zone }}', {{ timestamp }}) as date)
{%- endmacro %}

{% macro trino__local_date(timestamp, time_zone) -%}
    cast(at_timezone(with_timezone({{ timestamp }}, 'UTC'), '{{ time_zone }}') as date)
{%- endmacro %}
