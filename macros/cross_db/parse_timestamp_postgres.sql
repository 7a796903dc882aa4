{#- Postgres' part of parse_timestamp.sql: it has no try_cast. -#}
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
                        ) >= 240000
                        then null
                    when
                        cast(part[5] as integer) > extract(
                            day from make_date(cast(part[1] as integer), cast(part[3] as integer), 1)
                            + interval '1 month' - interval '1 day'
                        )
                        then null
                    when part[10] is not null
                        then {{ _postgres_local_time() }}
                            - cast(left(part[10], 3) || ':' || coalesce(substring(part[10] from '^...:?(\d\d)$'), '00') as interval)
                    when part[11] is null then {{ _postgres_local_time() }}
                    when part[11] like '%/%' and lower(part[11]) in (select lower(name) from pg_timezone_names)
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
