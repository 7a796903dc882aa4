{#- A raw column as a timestamp (UTC), null where it is none. -#}
{% macro parse_timestamp(column, data_type) -%}
    {{ return(adapter.dispatch('parse_timestamp', 'app_sessions')(column, data_type)) }}
{%- endmacro %}

{% macro default__parse_timestamp(column, data_type) -%}{{ app_sessions._not_there('parse_timestamp') }}{%- endmacro %}

{#-
    A time outside the years 1 to 9999, infinity among them, is no time: sums with it would overflow. An offset comes
    after a time of day, in the form that offset_time_text gives it.
-#}
{% macro duckdb__parse_timestamp(column, data_type) -%}
    {%- set type = data_type | upper -%}
    {%- set is_time = type == 'DATE' or type.startswith('TIMESTAMP') -%}
    {%- set is_number = type.startswith('DECIMAL') or type in [
        'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT',
        'DOUBLE', 'FLOAT'
    ] -%}
    {%- set text = column if type in ['VARCHAR', 'TEXT', 'STRING'] else 'cast(' ~ column ~ ' as varchar)' -%}
    {%- set parsed -%}
    {%- if type == 'TIMESTAMP WITH TIME ZONE' -%}
        timezone('UTC', {{ column }})
    {%- elif is_time -%}
        try_cast({{ column }} as timestamp)
    {%- elif is_number -%}
        {{ _duckdb_epoch_number('try_cast(' ~ column ~ ' as decimal(26, 6))') }}
    {%- else -%}
        case
            when {{ _duckdb_common_time(text) }}
                then try_cast({{ text }} as timestamp)
            when try_cast({{ text }} as decimal(26, 6)) is not null
                then {{ _duckdb_epoch_number('try_cast(' ~ text ~ ' as decimal(26, 6))') }}
            -- DuckDB's own cast to a timestamp would drop an offset without a word
            when regexp_matches({{ text }}, ':.*[+-]\d\d:\d\d$|:.* [a-zA-Z_]+/[a-zA-Z_/+-]+$')
                and not regexp_matches({{ text }}, '[ T]0*24:')
                then timezone('UTC', try_cast({{ text }} as timestamp with time zone))
            when regexp_matches({{ text }}, '^[\d/ \\-]+([ T][\d:.]+)?$') and not regexp_matches({{ text }}, '[ T]0*24:')
                then try_cast({{ text }} as timestamp)
        end
    {%- endif -%}
    {%- endset -%}
    case
        {%- if not is_time and not is_number %}
        -- far from the first and the last year, so it is parsed once
        when {{ text }} >= '0002' and {{ text }} < '9999' and {{ _duckdb_common_time(text) }}
            then try_cast({{ text }} as timestamp)
        {%- endif %}
        when {{ parsed }} >= timestamp '0001-01-01' and {{ parsed }} < timestamp '10000-01-01'
            then {{ parsed }}
    end
{%- endmacro %}

{% macro _duckdb_common_time(text) -%}
    regexp_full_match({{ text }}, '\d{4}-\d\d-\d\d([ T]([01]\d|2[0-3]):\d\d(:\d\d(\.\d+)?)?)?')
{%- endmacro %}

{#- Seconds below 1e11 (year 5138), then milliseconds, microseconds, nanoseconds. -#}
{% macro _duckdb_epoch_number(number) -%}
    case
        when abs({{ number }}) < 1e11 then make_timestamp(cast({{ number }} * 1000000 as bigint))
        when abs({{ number }}) < 1e14 then make_timestamp(cast({{ number }} * 1000 as bigint))
        when abs({{ number }}) < 1e17 then make_timestamp(cast({{ number }} as bigint))
        when abs({{ number }}) < 9e18
            then make_timestamp(cast({{ number }} as bigint) // 1000)
    end
{%- endmacro %}
