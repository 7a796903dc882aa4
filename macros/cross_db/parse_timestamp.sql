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

{% macro postgres__parse_timestamp(column, data_type) -%}
    {%- set type = (data_type | lower).split('(')[0] | trim -%}
    {%- if type in ['timestamp without time zone', 'timestamp with time zone', 'date'] -%}
        {%- set time = column ~ " at time zone 'UTC'" if 'with time' in type else 'cast(' ~ column ~ ' as timestamp)' -%}
        case
            when {{ column }} >= timestamp '0001-01-01' and {{ column }} < timestamp '10000-01-01' then {{ time }}
        end
    {%- elif type in ['smallint', 'integer', 'bigint', 'numeric', 'double precision', 'real'] -%}
        {{ _postgres_epoch_number('cast(cast(' ~ column ~ ' as text) as numeric)') }}
    {%- else -%}
        {{ _postgres_time(column if _is_text(data_type) else 'cast(' ~ column ~ ' as text)') }}
    {%- endif -%}
{%- endmacro %}

{#-
    What DuckDB takes for a time, and nothing else: year, month and day with one separator, a time of day, after its
    seconds a Z, an offset, or a time zone by name. What is written the usual way is let through at once;
    `offset 0` keeps any other text from being taken apart more than once.
-#}
{% macro _postgres_time(text) -%}
    case
        when
            {{ text }} ~ (
                '^[12][0-9]{3}-'
                '(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)'
                '(?:[ T](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?Z?)?)?$'
            )
            then cast({{ text }} as timestamp)
        when {{ text }} ~ '^[0-9]{1,18}(?:\.[0-9]{1,9})?$'
            then {{ _postgres_epoch_number('cast(' ~ text ~ ' as numeric)') }}
        when {{ text }} is not null then (
            select
                case
                    when number is not null then {{ _postgres_epoch_number('number') }}
                    when
                        part[2] <> part[4]
                        or cast(part[1] as integer) = 0
                        or cast(part[3] as integer) not between 1 and 12
                        or cast(part[5] as integer) not between 1 and 31
                        or cast(part[7] as integer) > 59
                        or cast(part[8] as integer) > 59
                        or cast(
                            part[6] || lpad(part[7], 2, '0') || lpad(coalesce(part[8], '0'), 2, '0') as integer
                        ) > 240000
                        then null
                    when
                        cast(part[5] as integer) > extract(
                            day from make_date(cast(part[1] as integer), cast(part[3] as integer), 1)
                            + interval '1 month' - interval '1 day'
                        )
                        then null
                    when part[10] is not null
                        then {{ _postgres_local_time() }}
                            - cast(regexp_replace(part[10], '(\d\d):?(\d\d)$', '\1:\2') as interval)
                    when part[11] is null then {{ _postgres_local_time() }}
                    when lower(part[11]) in (select lower(name) from pg_timezone_names)
                        then {{ _postgres_local_time() }} at time zone part[11] at time zone 'UTC'
                end
            from (
                select
                    {{ _postgres_number(text) }} as number,
                    regexp_match(
                        {{ text }},
                        '^0*(\d{1,4})([-/ \\])(\d{1,2})([-/ \\])(\d{1,2})'
                        '(?:(?: +|T)0*(\d{1,2}):(\d{1,2})'
                        '(?::(\d{1,2})(?:\.(\d*))?(?:Z|([+-]\d\d(?::?\d\d)?)| ([A-Za-z][\w+/-]*[A-Za-z]))?)?)?$'
                    ) as part
                offset 0
            ) as parts
        )
    end
{%- endmacro %}

{% macro _postgres_local_time() -%}
    make_timestamp(
        cast(part[1] as integer), cast(part[3] as integer), cast(part[5] as integer),
        coalesce(cast(part[6] as integer), 0), coalesce(cast(part[7] as integer), 0),
        cast(coalesce(part[8], '0') || '.' || left(coalesce(part[9], '') || '0', 6) as double precision)
    )
{%- endmacro %}

{% macro _postgres_epoch_number(number) -%}
    case
        when {{ number }} < -62135596800 then null
        when {{ number }} < 100000000000 then {{ from_epoch_us('cast(' ~ number ~ ' * 1000000 as bigint)') }}
        when {{ number }} < 100000000000000 then {{ from_epoch_us('cast(' ~ number ~ ' * 1000 as bigint)') }}
        when {{ number }} < 100000000000000000 then {{ from_epoch_us('cast(' ~ number ~ ' as bigint)') }}
        when {{ number }} < 9000000000000000000
            then {{ from_epoch_us('cast(' ~ number ~ ' as bigint) / 1000') }}
    end
{%- endmacro %}

{#-
    The common form. `sql` has the engine's expressions, in which `$x` is the value: `from_zoned` of a timestamp with a
    zone, `number` of a text that may be one, `from_text` of any other text.
-#}
{% macro _parsed_timestamp(column, data_type, sql) -%}
    {%- set type = data_type | lower -%}
    {%- set parsed -%}
    {%- if 'with time zone' in type or type.startswith(('timestamptz', 'timestamp_tz', 'timestamp_ltz')) -%}
        {{ sql.from_zoned.replace('$x', column) }}
    {%- elif type.startswith(('timestamp', 'date')) -%}
        cast({{ column }} as {{ dbt.type_timestamp() }})
    {%- elif _is_text(type) -%}
        {%- set number = sql.number.replace('$x', column) -%}
        case
            when {{ number }} is not null then {{ _epoch_number(number) }}
            else {{ sql.from_text.replace('$x', column) }}
        end
    {%- elif type == 'boolean' or type == 'bool' -%}
        cast(null as {{ dbt.type_timestamp() }})
    {%- else -%}
        {{ _epoch_number(column) }}
    {%- endif -%}
    {%- endset -%}
    case
        when
            {{ parsed }} >= cast('0001-01-01 00:00:00' as {{ dbt.type_timestamp() }})
            and {{ parsed }} <= cast('9999-12-31 23:59:59.999999' as {{ dbt.type_timestamp() }})
            then {{ parsed }}
    end
{%- endmacro %}

{#- As _duckdb_epoch_number; not before the year 1, which some engines refuse to make a timestamp of. -#}
{% macro _epoch_number(number) -%}
    case
        {%- for least, below, factor in [
            (-62135596800, 100000000000, '* 1000000'),
            (-62135596800000, 100000000000000, '* 1000'),
            (-62135596800000000, 100000000000000000, ''),
            (-9000000000000000000, 9000000000000000000, '/ 1000')
        ] %}
        when {{ number }} >= {{ least }} and {{ number }} < {{ below }}
            then {{ from_epoch_us(
                'cast(' ~ number ~ ' ' ~ factor ~ ' as bigint)' if factor != '/ 1000'
                else whole_divide('cast(' ~ number ~ ' as bigint)', 1000)
            ) }}
        {%- endfor %}
    end
{%- endmacro %}

{#- Does a text say its offset or zone? -#}
{% macro _offset_pattern() -%}
    {{ return('[zZ]|[+-][0-9][0-9]:?([0-9][0-9])?$|[a-zA-Z]$') }}
{%- endmacro %}

{% macro snowflake__parse_timestamp(column, data_type) -%}
    {{ _parsed_timestamp(column, data_type, {
        'from_zoned': "cast(convert_timezone('UTC', $x) as timestamp_ntz(6))",
        'number': 'try_to_decimal($x, 26, 6)',
        'from_text': "case when regexp_substr($x, '" ~ _offset_pattern() ~ "') is not null"
            ~ " then cast(convert_timezone('UTC', try_to_timestamp_tz($x)) as timestamp_ntz(6))"
            ~ " else cast(try_to_timestamp_ntz($x) as timestamp_ntz(6)) end"
    }) }}
{%- endmacro %}

{#- BigQuery reads a text without an offset as UTC. -#}
{% macro bigquery__parse_timestamp(column, data_type) -%}
    {{ _parsed_timestamp(column, data_type, {
        'from_zoned': '$x',
        'number': 'safe_cast($x as numeric)',
        'from_text': 'safe_cast($x as timestamp)'
    }) }}
{%- endmacro %}

{#- Databricks reads a text without an offset in the session's zone, which the profile makes UTC. -#}
{% macro databricks__parse_timestamp(column, data_type) -%}
    {{ _parsed_timestamp(column, data_type, {
        'from_zoned': 'cast($x as timestamp)',
        'number': 'try_cast($x as decimal(26, 6))',
        'from_text': 'try_cast($x as timestamp)'
    }) }}
{%- endmacro %}

{% macro redshift__parse_timestamp(column, data_type) -%}
    {{ _parsed_timestamp(column, data_type, {
        'from_zoned': "($x at time zone 'UTC')",
        'number': 'try_cast($x as decimal(26, 6))',
        'from_text': "case when $x ~ '" ~ _offset_pattern() ~ "' then try_cast($x as timestamptz) at time zone 'UTC'"
            ~ " else try_cast($x as timestamp) end"
    }) }}
{%- endmacro %}

{#- Trino casts neither a T between date and time, nor an offset without a colon or minutes. -#}
{% macro trino__parse_timestamp(column, data_type) -%}
    {%- set spaced = "regexp_replace($x, '^([0-9-]+)[Tt]', '$1 ')" -%}
    {%- set zoned -%}
        regexp_replace(
            regexp_replace({{ spaced }}, '(:[0-9.]+) ?([+-][0-9][0-9])([0-9][0-9])$', '$1 $2:$3'),
            '(:[0-9.]+) ?([+-][0-9][0-9])$', '$1 $2:00'
        )
    {%- endset -%}
    {{ _parsed_timestamp(column, data_type, {
        'from_zoned': "cast(at_timezone($x, 'UTC') as timestamp(6))",
        'number': 'try_cast($x as decimal(26, 6))',
        'from_text': "case when regexp_like($x, '" ~ _offset_pattern() ~ "')"
            ~ " then cast(at_timezone(try_cast(" ~ zoned ~ " as timestamp(6) with time zone), 'UTC') as timestamp(6))"
            ~ " else try_cast(" ~ spaced ~ " as timestamp(6)) end"
    }) }}
{%- endmacro %}
