{#- A raw column as decimal(18, scale), null where it is no finite number that fits. -#}
{% macro parse_decimal(column, data_type, scale=6) -%}
    {{ return(adapter.dispatch('parse_decimal', 'app_sessions')(column, data_type, scale)) }}
{%- endmacro %}

{% macro default__parse_decimal(column, data_type, scale) -%}{{ app_sessions._not_there('parse_decimal') }}{%- endmacro %}

{#- Text goes through double only when it is not a plain decimal (1e-3); NaN and infinity become null. -#}
{% macro duckdb__parse_decimal(column, data_type, scale) -%}
    {%- if _is_text(data_type) -%}
        coalesce(
            try_cast({{ column }} as decimal(18, {{ scale }})),
            case when isfinite(try_cast({{ column }} as double))
                then try_cast(try_cast({{ column }} as double) as decimal(18, {{ scale }})) end
        )
    {%- elif data_type | upper in ['DOUBLE', 'FLOAT', 'REAL'] -%}
        {#- by way of text, as Postgres does: the direct cast rounds what the double is, not what it says -#}
        {{ duckdb__parse_decimal('cast(' ~ column ~ ' as varchar)', 'varchar', scale) }}
    {%- elif data_type | upper in ['BOOLEAN', 'DATE', 'TIME', 'BLOB', 'INTERVAL']
        or (data_type | upper).startswith('TIMESTAMP') or '[' in data_type
        or '(' in data_type and not (data_type | upper).startswith('DECIMAL') -%}
        {#- no number at all -#}
        cast(null as decimal(18, {{ scale }}))
    {%- else -%}
        try_cast({{ column }} as decimal(18, {{ scale }}))
    {%- endif -%}
{%- endmacro %}

{#- Rounded as DuckDB does, half away from zero; what does not fit is null. -#}
{% macro postgres__parse_decimal(column, data_type, scale) -%}
    {%- set type = (data_type | lower).split('(')[0] -%}
    {%- if _is_text(data_type) -%}
        {%- set number = _postgres_number(column) -%}
    {%- elif type in ['smallint', 'integer', 'bigint', 'numeric', 'decimal'] -%}
        {%- set number = column -%}
    {%- elif type in ['double precision', 'real'] -%}
        {#- by way of text, since the direct cast keeps 15 digits -#}
        {%- set number = 'cast(cast(' ~ column ~ ' as text) as numeric)' -%}
    {%- else -%}
        {#- no number at all -#}
        {{ return('cast(null as decimal(18, ' ~ scale ~ '))') }}
    {%- endif -%}
    cast(
        case when abs(round({{ number }}, {{ scale }})) < {{ 10 ** (18 - scale) }} then {{ number }} end as decimal(18, {{ scale }})
    )
{%- endmacro %}

{#- The number that a text is, or null: 200 characters at most, an exponent of two digits. -#}
{% macro _postgres_number(text) -%}
    case
        when {{ text }} ~ '^-?[0-9]{1,18}(?:\.[0-9]{1,18})?$' then cast({{ text }} as numeric)
        when length({{ text }}) <= 200 then cast(replace(substring(
            {{ text }} from
            '^[ \t\n\v\f\r]*'
            '([+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?0*\d{1,2})?)'
            '[ \t\n\v\f\r]*$'
        ), '_', '') as numeric)
    end
{%- endmacro %}

{#-
    The common form: text by `from_text`, in which `$text` is the value; other numbers if they fit, which infinity and
    NaN never do: no comparison with them is true, or they are greater than everything.
-#}
{% macro _parsed_decimal(column, data_type, from_text, scale) -%}
    {%- set type = (data_type | lower).split('(')[0] | trim -%}
    {%- if _is_text(data_type) -%}
        {{ from_text.replace('$text', column) }}
    {%- elif type in [
        'number', 'decimal', 'numeric', 'bignumeric', 'tinyint', 'smallint', 'int', 'integer', 'int64', 'bigint',
        'float', 'float64', 'double', 'double precision', 'real'
    ] -%}
        case when abs({{ column }}) < {{ 10 ** (18 - scale) }} then {{ as_decimal(column, 18, scale) }} end
    {%- else -%}
        {#- no number at all -#}
        {{ as_decimal('null', 18, scale) }}
    {%- endif -%}
{%- endmacro %}

{% macro snowflake__parse_decimal(column, data_type, scale) -%}
    {{ _parsed_decimal(column, data_type, 'try_to_decimal($text, 18, ' ~ scale ~ ')', scale) }}
{%- endmacro %}

{#- By way of 38 digits after the point: numeric has nine, and would round before the rounding. -#}
{% macro bigquery__parse_decimal(column, data_type, scale) -%}
    {%- set number = 'round(safe_cast($text as bignumeric), ' ~ scale ~ ')' -%}
    {{ _parsed_decimal(
        column, data_type,
        'cast(case when abs(' ~ number ~ ') < ' ~ 10 ** (18 - scale) ~ ' then ' ~ number ~ ' end as numeric)', scale
    ) }}
{%- endmacro %}

{#- A plain decimal, else (1e-3) by way of a double that fits. -#}
{% macro _try_cast_decimal(column, data_type, double, scale) -%}
    {%- set type = 'decimal(18, ' ~ scale ~ ')' -%}
    {{ _parsed_decimal(
        column, data_type,
        'coalesce(try_cast($text as ' ~ type ~ '), case when abs(try_cast($text as ' ~ double ~ ')) < ' ~ 10 ** (18 - scale)
        ~ ' then cast(try_cast($text as ' ~ double ~ ') as ' ~ type ~ ') end)',
        scale
    ) }}
{%- endmacro %}

{% macro databricks__parse_decimal(column, data_type, scale) -%}
    {{ _try_cast_decimal(column, data_type, 'double', scale) }}
{%- endmacro %}

{% macro redshift__parse_decimal(column, data_type, scale) -%}
    {{ _try_cast_decimal(column, data_type, 'double precision', scale) }}
{%- endmacro %}

{% macro trino__parse_decimal(column, data_type, scale) -%}
    {{ _try_cast_decimal(column, data_type, 'double', scale) }}
{%- endmacro %}

{#- Java's own reader takes other scripts' digits, too. -#}
{% macro spark__parse_decimal(column, data_type, scale) -%}
    {{ _parsed_decimal(
        column, data_type,
        "case when $text rlike '" ~ _number_pattern() ~ "' then cast(replace($text, '_', '') as decimal(18, " ~ scale ~ ")) end", scale
    ) }}
{%- endmacro %}

{% macro _number_pattern() -%}
    {%- set digits = '[0-9](_?[0-9])*' -%}
    {{ return('^[+-]?(' ~ digits ~ '[.]?(' ~ digits ~ ')?|[.]' ~ digits ~ ')([eE][+-]?0*[0-9]{1,2})?$') }}
{%- endmacro %}
