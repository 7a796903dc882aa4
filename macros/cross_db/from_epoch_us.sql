{#- The timestamp, without zone, of microseconds since 1970. -#}
{% macro from_epoch_us(microseconds) -%}
    {{ return(adapter.dispatch('from_epoch_us', 'app_sessions')(microseconds)) }}
{%- endmacro %}

{#- Interval arithmetic keeps every microsecond; a division by 1e6 would not. -#}
{% macro default__from_epoch_us(microseconds) -%}
    (timestamp '1970-01-01 00:00:00' + ({{ microseconds }}) * interval '1 microsecond')
{%- endmacro %}

{% macro duckdb__from_epoch_us(microseconds) -%}
    make_timestamp({{ microseconds }})
{%- endmacro %}

{#- In days and the rest: the product of a number and an interval is computed in floating point. -#}
{% macro postgres__from_epoch_us(microseconds) -%}
    (
        timestamp '1970-01-01 00:00:00'
        + (({{ microseconds }}) / 86400000000) * interval '1 day'
        + (({{ microseconds }}) % 86400000000) * interval '1 microsecond'
    )
{%- endmacro %}

{% macro snowflake__from_epoch_us(microseconds) -%}
    cast(to_timestamp_ntz({{ microseconds }}, 6) as timestamp_ntz(6))
{%- endmacro %}

{% macro bigquery__from_epoch_us(microseconds) -%}
    timestamp_micros({{ microseconds }})
{%- endmacro %}

{% macro databricks__from_epoch_us(microseconds) -%}
    timestamp_micros({{ microseconds }})
{%- endmacro %}

{#- In days, seconds and microseconds: dateadd takes 32-bit numbers. All three have the sign of the whole. -#}
{% macro redshift__from_epoch_us(microseconds) -%}
    dateadd(
        microsecond, cast(mod(({{ microseconds }}), 1000000) as integer),
        dateadd(
            second, cast(mod(({{ microseconds }}) / 1000000, 86400) as integer),
            dateadd(
                day, cast(({{ microseconds }}) / 86400000000 as integer),
                cast('1970-01-01' as timestamp)
            )
        )
    )
{%- endmacro %}

{#- In nanoseconds, as a decimal, since a bigint of them ends in 2262. -#}
{% macro trino__from_epoch_us(microseconds) -%}
    cast(
        at_timezone(from_unixtime_nanos(cast(({{ microseconds }}) as decimal(38, 0)) * 1000), 'UTC') as timestamp(6)
    )
{%- endmacro %}

{% macro spark__from_epoch_us(microseconds) -%}
    timestamp_micros({{ microseconds }})
{%- endmacro %}
