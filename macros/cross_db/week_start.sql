{#- Monday of a date's week, a date. -#}
{% macro week_start(date) -%}
    {{ return(adapter.dispatch('week_start', 'app_sessions')(date)) }}
{%- endmacro %}

{% macro default__week_start(date) -%}
    cast({{ dbt.date_trunc('week', date) }} as date)
{%- endmacro %}

{#- BigQuery's week begins on Sunday, -#}
{% macro bigquery__week_start(date) -%}
    cast(date_trunc(cast({{ date }} as date), isoweek) as date)
{%- endmacro %}

{#- and Snowflake's on the day that the account's WEEK_START says: day 1 of the ISO week is Monday. -#}
{% macro snowflake__week_start(date) -%}
    cast(dateadd('day', 1 - dayofweekiso({{ date }}), {{ date }}) as date)
{%- endmacro %}
