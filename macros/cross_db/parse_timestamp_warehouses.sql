{#- The warehouses' part of parse_timestamp.sql. -#}

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
            when not ({{ _is_read_too_kindly(column) }}) then {{ sql.from_text.replace('$x', column) }}
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

{#- What some engines take for a time and nobody should: a name that several zones share (IST), `epoch`, 24 o'clock. -#}
{% macro _is_read_too_kindly(text) -%}
    {{ text }} like '% 24:%' or {{ text }} like '%T24:%'
    or (upper(substr({{ text }}, length({{ text }}), 1)) between 'A' and 'Y' and {{ text }} not like '%/%')
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

{#-
    BigQuery reads a text without an offset as UTC. It wants seconds, one blank, and six digits of a second at most; it
    would take a small t before the time, and a sixtieth second.
-#}
{% macro bigquery__parse_timestamp(column, data_type) -%}
    {%- set from_text -%}
        case
            when not regexp_contains($x, r'[0-9]t|:60') then safe_cast(
                regexp_replace(
                    regexp_replace(
                        regexp_replace($x, r'(\.[0-9]{6})[0-9]+', r'\1'), r'^(\S+[ T]+[0-9][0-9]:[0-9][0-9])$', r'\1:00'
                    ), ' +', ' '
                ) as timestamp
            )
        end
    {%- endset -%}
    {{ _parsed_timestamp(column, data_type, {
        'from_zoned': '$x', 'number': 'safe_cast($x as numeric)', 'from_text': from_text
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
