{#- The last date in the app's zone that any instant up to a timestamp (UTC) has. -#}
{% macro last_local_date(timestamp, app_id) -%}
    {#- Nowhere are clocks set back by more than an hour over midnight. -#}
    {%- set is_utc = var('reporting_timezone') == 'UTC' and not app_time_zones() -%}
    {{ local_date(timestamp if is_utc else plus_seconds(timestamp, 3600), app_id) }}
{%- endmacro %}
