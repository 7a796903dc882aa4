{#- A timestamp some seconds later. -#}
{% macro plus_seconds(timestamp, seconds) -%}
    {{ return(adapter.dispatch('plus_seconds', 'app_sessions')(timestamp, seconds)) }}
{%- endmacro %}

{% macro default__plus_seconds(timestamp, seconds) -%}
    {{ dbt.dateadd('second', seconds, timestamp) }}
{%- endmacro %}

{#- dbt's own gives a datetime there, which cannot be compared with a timestamp. -#}
{% macro bigquery__plus_seconds(timestamp, seconds) -%}
    timestamp_add({{ timestamp }}, interval {{ seconds }} second)
{%- endmacro %}

{#- dbt's own loses the microseconds there. -#}
{% macro spark__plus_seconds(timestamp, seconds) -%}
    timestamp_micros(unix_micros({{ timestamp }}) + cast({{ seconds }} as bigint) * 1000000)
{%- endmacro %}
