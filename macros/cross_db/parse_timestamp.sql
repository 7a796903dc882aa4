{#- Reference: macros/_macros.yml (parse_timestamp). -#}
{% macro parse_timestamp(column, data_type) -%}
    {{ return(adapter.dispatch('parse_timestamp', 'app_sessions')(column, data_type)) }}
{%- endmacro %}

{% macro default__parse_timestamp(column, data_type) -%}
    {{ exceptions.raise_compiler_error(
        "parse_timestamp: no implementation for adapter '" ~ adapter.type()
        ~ "'; add one to macros/cross_db/parse_timestamp.sql"
    ) }}
{%- endmacro %}

{#- A time outside the years 1 to 9999, infinity among them, is no time: sums with it would overflow. -#}
{% macro duckdb__parse_timestamp(column, data_type) -%}
    {%- set type = data_type | upper -%}
    {%- set parsed -%}
    {%- if type == 'TIMESTAMP WITH TIME ZONE' -%}
        timezone('UTC', {{ column }})
    {%- elif type == 'DATE' or type.startswith('TIMESTAMP') -%}
        try_cast({{ column }} as timestamp)
    {%- elif type in [
        'TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'UTINYINT', 'USMALLINT', 'UINTEGER', 'UBIGINT', 'UHUGEINT',
        'DOUBLE', 'FLOAT'
    ] or type.startswith('DECIMAL') -%}
        {{ _duckdb_epoch_number('try_cast(' ~ column ~ ' as decimal(26, 6))') }}
    {%- else -%}
        {%- set text = column if type in ['VARCHAR', 'TEXT', 'STRING'] else 'cast(' ~ column ~ ' as varchar)' -%}
        case
            when {{ text }} is null then null
            when try_cast({{ text }} as decimal(26, 6)) is not null
                then {{ _duckdb_epoch_number('try_cast(' ~ text ~ ' as decimal(26, 6))') }}
            when regexp_matches({{ text }}, '[zZ]|[+-]\d\d:?(\d\d)?$|[a-zA-Z]$')
                then timezone('UTC', try_cast({{ text }} as timestamp with time zone))
            else try_cast({{ text }} as timestamp)
        end
    {%- endif -%}
    {%- endset -%}
    case
        when {{ parsed }} >= timestamp '0001-01-01' and {{ parsed }} < timestamp '10000-01-01'
            then {{ parsed }}
    end
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
