{#- The typed expressions of staging: a column that the input lacks is null. -#}

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
        on {{ _looked_up_country(column) }} = countries.country_name
    {%- endif -%}
{%- endmacro %}

{% macro _looked_up_country(column) -%}
    case when length({{ column }}) <> 2 or lower({{ column }}) = 'uk' then lower({{ column }}) end
{%- endmacro %}

{% macro raw_timestamp(raw, column) -%}
    {%- if column not in raw.columns -%}
        cast(null as {{ dbt.type_timestamp() }})
    {%- elif _is_parsed(raw, column, 'timestamp') -%}
        parsed_{{ column }}
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
    {%- elif scale == 6 and _is_parsed(raw, column, 'decimal') -%}
        parsed_{{ column }}
    {%- else -%}
        {{ parse_decimal(column, raw.columns[column], scale) }}
    {%- endif -%}
{%- endmacro %}

{% macro raw_boolean(raw, column) -%}
    {%- if column not in raw.columns -%}
        cast(null as boolean)
    {%- elif _is_parsed(raw, column, 'boolean') -%}
        parsed_{{ column }}
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

{#- A date as it is written, of text never moved to another zone; `20240301` is one, too. -#}
{% macro raw_date(raw, column) -%}
    {%- if column not in raw.columns -%}
        cast(null as date)
    {%- elif _is_parsed(raw, column, 'date') -%}
        parsed_{{ column }}
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
