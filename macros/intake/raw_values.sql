{#- The typed expressions of staging: a column that the input lacks is null, and so is a text that means so. -#}

{#- Texts that mean null, in small letters; all of nine characters or fewer. -#}
{% macro null_texts() %}
    {{ return([
        'null', 'none', 'nil', 'nan', 'n/a', 'na', '#n/a', '-', '--', '\\n', '(null)', '(none)', '(not set)', 'unknown',
        'undefined'
    ]) }}
{% endmacro %}

{#- A trimmed text; null where it is blank or one of `nulls`. -#}
{% macro known_text(text, nulls=none) -%}
    {%- set literals = [] -%}
    {%- for value in (null_texts() if nulls is none else nulls) -%}{%- do literals.append(text_literal(value)) -%}{%- endfor -%}
    {%- if literals -%}
        case
            when {{ text }} = '' then null
            when length({{ text }}) <= 9 and lower({{ text }}) in ({{ literals | join(', ') }}) then null
            else {{ text }}
        end
    {%- else -%}
        nullif({{ text }}, '')
    {%- endif -%}
{%- endmacro %}

{#-
    The raw rows with what every staging model wants of them: texts are trimmed, and null where they mean so; whole numbers
    of `ids` lose a fraction of zeros; texts of `times` have their zone as an offset. In `names` only a blank means null,
    in `countries` NA is Namibia. Each step is a select of its own, so that it is computed once a row.
-#}
{% macro raw_rows(raw, ids=[], times=[], names=[], countries=[]) %}
    {%- set plain, known, timed = [], [], [] -%}
    {%- for column, data_type in raw.columns.items() -%}
        {%- if column in ['file_name', '_file_loaded_at', '_unreadable_line'] or not _is_text(data_type) -%}
            {%- do plain.append(column) -%}
            {%- do known.append(column) -%}
        {%- else -%}
            {%- set nulls = [] if column in names else null_texts() | reject('equalto', 'na' if column in countries) | list -%}
            {%- do plain.append(trimmed(binary_text(column)) ~ ' as ' ~ column) -%}
            {%- do known.append(known_text(column, nulls) ~ ' as ' ~ column) -%}
        {%- endif -%}
        {%- do timed.append(
            offset_time_text(column) ~ ' as ' ~ column if column in times and _is_text(data_type)
            else _whole_id(column) ~ ' as ' ~ column if column in ids and _is_text(data_type)
            else column
        ) -%}
    {%- endfor -%}
    {%- if not plain -%}{{ return(raw.sql) }}{%- endif -%}
    select
        {{ timed | join(',\n        ') }}
    from (
        select
            {{ known | join(',\n            ') }}
        from (
            select
                {{ plain | join(',\n                ') }}
            from ({{ raw.sql }}) as raw
            {{ computed_here() }}
        ) as trimmed
        {{ computed_here() }}
    ) as known
    {{ computed_here() }}
{% endmacro %}

{#- A text that is a whole number with a fraction of zeros, without it. -#}
{% macro _whole_id(text) -%}
    case
        when {{ text }} like '%.0' and {{ text }} <> '.0' and translate({{ text }}, '0123456789', '') = '.'
            then substr({{ text }}, 1, length({{ text }}) - 2)
        when {{ text }} like '%.00' and {{ text }} <> '.00' and translate({{ text }}, '0123456789', '') = '.'
            then substr({{ text }}, 1, length({{ text }}) - 3)
        else {{ text }}
    end
{%- endmacro %}

{#- A column that `raw_rows` gave, as text. -#}
{% macro raw_text(raw, column) -%}
    {%- if column not in raw.columns -%}
        cast(null as {{ dbt.type_string() }})
    {%- elif _is_text(raw.columns[column]) -%}
        {{ column }}
    {%- else -%}
        {{ binary_text(whole_number_text(column, raw.columns[column])) }}
    {%- endif -%}
{%- endmacro %}

{#- ISO 3166-1 alpha-2, upper case; needs join_countries. What is in no list is kept in upper case. -#}
{% macro raw_country(raw, column='country') -%}
    {%- if column not in raw.columns -%}
        cast(null as {{ dbt.type_string() }})
    {%- else -%}
        coalesce(countries.country_code, upper({{ raw_text(raw, column) }}))
    {%- endif -%}
{%- endmacro %}

{#- The join that raw_country needs, after `from`: a code of two letters is not looked up. -#}
{% macro join_countries(raw, column='country') -%}
    {%- set countries = ref('country_codes') -%}
    {%- if column in raw.columns -%}
    left join {{ countries }} as countries
        on case when length({{ column }}) <> 2 or lower({{ column }}) = 'uk' then lower({{ column }}) end = countries.country_name
    {%- endif -%}
{%- endmacro %}

{% macro raw_timestamp(raw, column) -%}
    {%- if column not in raw.columns -%}
        cast(null as {{ dbt.type_timestamp() }})
    {%- else -%}
        {{ parse_timestamp(column, raw.columns[column]) }}
    {%- endif -%}
{%- endmacro %}

{#- When a row landed: what it says, else what its file says. -#}
{% macro raw_loaded_at(raw) -%}
    {%- if '_file_loaded_at' in raw.columns and 'loaded_at' in raw.columns -%}
        case when loaded_at is null then _file_loaded_at else {{ raw_timestamp(raw, 'loaded_at') }} end
    {%- elif '_file_loaded_at' in raw.columns -%}
        _file_loaded_at
    {%- else -%}
        {{ raw_timestamp(raw, 'loaded_at') }}
    {%- endif -%}
{%- endmacro %}

{#- The file of a row; null where rows come from a table. -#}
{% macro raw_file_name(raw) -%}
    {{ 'file_name' if 'file_name' in raw.columns else 'cast(null as ' ~ dbt.type_string() ~ ')' }}
{%- endmacro %}

{% macro raw_decimal(raw, column, scale=6) -%}
    {%- if column not in raw.columns -%}
        {{ as_decimal('null', 18, scale) }}
    {%- else -%}
        {{ parse_decimal(column, raw.columns[column], scale) }}
    {%- endif -%}
{%- endmacro %}

{% macro raw_boolean(raw, column) -%}
    {%- if column not in raw.columns -%}
        cast(null as boolean)
    {%- elif raw.columns[column] | lower in ['boolean', 'bool'] -%}
        {{ column }}
    {%- else -%}
        case
            when lower({{ raw_text(raw, column) }}) in ('true', 't', 'yes', 'y', 'on', '1', '1.0') then true
            when lower({{ raw_text(raw, column) }}) in ('false', 'f', 'no', 'n', 'off', '0', '0.0') then false
        end
    {%- endif -%}
{%- endmacro %}

{% macro _is_text(data_type) -%}
    {{ return((data_type | lower).split('(')[0] in [
        'varchar', 'text', 'string', 'character varying', 'nvarchar', 'char', 'character', 'bpchar', 'json'
    ]) }}
{%- endmacro %}

{#- Names of the columns that hold something which is not of their type, each followed by a space; null if none. -#}
{% macro unparsable_columns(raw, timestamps=[], decimals=[], booleans=[], dates=[]) -%}
    {%- set checks = ["case when _unreadable_line is not null then 'whole_line ' else '' end"]
        if '_unreadable_line' in raw.columns else [] -%}
    {%- for columns, parse in [
        (timestamps, raw_timestamp), (decimals, raw_decimal), (booleans, raw_boolean), (dates, raw_date)
    ] -%}
        {%- for column in columns if column in raw.columns -%}
            {%- do checks.append(
                "case when " ~ column ~ " is not null and (" ~ parse(raw, column) ~ ") is null then '"
                ~ column ~ " ' else '' end"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if checks -%}
        nullif({{ checks | join('\n        || ') }}, '')
    {%- else -%}
        cast(null as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}

{#- A date as it is written, of text never moved to another zone; `20240301` is one, too. -#}
{% macro raw_date(raw, column) -%}
    {%- if column not in raw.columns -%}
        cast(null as date)
    {%- elif _is_text(raw.columns[column]) -%}
        {%- set text = raw_text(raw, column) -%}
        {%- set digits = "translate(" ~ text ~ ", '0123456789', '')" -%}
        case
            when length({{ text }}) = 8 and {{ digits }} = ''
                then {{ parse_date(
                    'substr(' ~ text ~ ", 1, 4) || '-' || substr(" ~ text ~ ", 5, 2) || '-' || substr(" ~ text ~ ', 7, 2)'
                ) }}
            when {{ text }} like '____-__-__' or {{ text }} like '____-__-__ %' or {{ text }} like '____-__-__T%'
                then {{ parse_date('substr(' ~ text ~ ', 1, 10)') }}
        end
    {%- elif raw.columns[column] | lower == 'date' -%}
        {{ column }}
    {%- elif (raw.columns[column] | lower).split('(')[0] in ['integer', 'int', 'bigint', 'int64', 'number', 'int4', 'int8', 'smallint'] -%}
        {{ raw_date({'columns': {column: 'varchar'}}, column).replace(column, 'cast(' ~ column ~ ' as ' ~ dbt.type_string() ~ ')') }}
    {%- else -%}
        cast({{ raw_timestamp(raw, column) }} as date)
    {%- endif -%}
{%- endmacro %}

{#- A list of unparsable columns with the canonical names in place of the provider's own; no name may end in another's. -#}
{% macro _canonical_names(unparsable, names) -%}
    {%- set found = namespace(text=unparsable) -%}
    {%- for own, name in names.items() -%}
        {%- set found.text = "replace(" ~ found.text ~ ", '" ~ own ~ " ', '" ~ name ~ " ')" -%}
    {%- endfor -%}
    {{- found.text -}}
{%- endmacro %}
