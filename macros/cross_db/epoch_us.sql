{#- Microseconds since 1970 of a timestamp, a bigint. -#}
{% macro epoch_us(timestamp) -%}
    {{ return(adapter.dispatch('epoch_us', 'app_sessions')(timestamp)) }}
{%- endmacro %}

{% macro default__epoch_us(timestamp) -%}
    cast(extract(epoch from {{ timestamp }}) * 1000000 as bigint)
{%- endmacro %}

{% macro duckdb__epoch_us(timestamp) -%}
    epoch_us({{ timestamp }})
{%- endmacro %}

{% macro snowflake__epoch_us(timestamp) -%}
    date_part(epoch_microsecond, {{ timestamp }})
{%- endmacro %}

{% macro bigquery__epoch_us(timestamp) -%}
    unix_micros({{ timestamp }})
{%- endmacro %}

{% macro databricks__epoch_us(timestamp) -%}
    unix_micros({{ timestamp }})
{%- endmacro %}

{#- Not extract(epoch): Redshift's has no fraction. -#}
{% macro redshift__epoch_us(timestamp) -%}
    datediff(microsecond, cast('1970-01-01' as timestamp), {{ timestamp }})
{%- endmacro %}

{#- Not to_unixtime: a double holds no microseconds of large numbers of seconds. The text ends in six digits of them. -#}
{% macro trino__epoch_us(timestamp) -%}
    (
        date_diff('second', timestamp '1970-01-01 00:00:00', date_trunc('second', {{ timestamp }})) * 1000000
        + cast(substr(cast(cast({{ timestamp }} as timestamp(6)) as varchar), -6) as bigint)
    )
{%- endmacro %}

{% macro spark__epoch_us(timestamp) -%}
    unix_micros({{ timestamp }})
{%- endmacro %}
