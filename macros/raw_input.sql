{#- Reference: macros/_macros.yml (raw_input). -#}
{% macro raw_input(provider, feed, required=[]) %}
    {%- set seed_name = 'sample_' ~ provider ~ '_' ~ feed -%}
    {%- if var('raw_path') -%}
        {%- do ref('int_unreadable_lines') -%}
        {%- if not execute -%}
            {{ return({'sql': 'select 1', 'columns': {}}) }}
        {%- endif -%}
        {{ return(raw_files(_raw_folder(provider, feed), required)) }}
    {%- elif var('raw_schema') -%}
        {%- set relation = source(provider, feed) -%}
    {%- elif var('use_sample') -%}
        {%- set relation = ref(seed_name) -%}
    {%- elif execute -%}
        {{ exceptions.raise_compiler_error(
            "raw_input: there is nothing to read for provider '" ~ provider ~ "': set raw_path (a folder of files), "
            ~ "raw_schema (tables of the warehouse), or use_sample: true"
        ) }}
    {%- endif -%}
    {%- if not execute -%}
        {{ return({'sql': 'select 1', 'columns': {}}) }}
    {%- endif -%}

    {%- set found = load_relation(relation) -%}
    {%- if found is none -%}
        {%- do _require(
            not required or feed != 'events', 'raw_input',
            "the table " ~ relation ~ " of provider '" ~ provider ~ "' does not exist"
        ) -%}
        {{ return({'sql': 'select nothing from (select 1 as nothing) as nobody where 1 = 0', 'columns': {}}) }}
    {%- endif -%}
    {%- set columns = {} -%}
    {%- set names = {} -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- do columns.update({column.name | lower: column.data_type}) -%}
        {%- do names.update({column.name | lower: column.name}) -%}
    {%- endfor -%}
    {%- do require_columns(relation, columns, required) -%}
    {{ return({'sql': 'select * from ' ~ relation, 'columns': columns, 'names': names}) }}
{% endmacro %}

{% macro _raw_folder(provider, feed) -%}
    {{ return(var('raw_path') ~ ('' if provider == 'generic' else '/' ~ provider) ~ '/' ~ feed) }}
{%- endmacro %}

{#- `required` holds names, or lists of names of which one is enough. -#}
{% macro require_columns(where, columns, required) %}
    {%- for need in required -%}
        {%- set choices = [need] if need is string else need -%}
        {%- set present = choices | select('in', columns) | list -%}
        {%- do _require(
            present, 'raw_input',
            where ~ " has no column '" ~ choices | join("' or '") ~ "', which is required; it has: "
            ~ columns | join(', ')
        ) -%}
    {%- endfor -%}
{% endmacro %}

{#- A raw column as the table calls it: on Snowflake in upper case. -#}
{% macro _raw_name(raw, column) -%}
    {{ adapter.quote(_raw_names(raw)[column]) }}
{%- endmacro %}

{#- {name: what the table calls it}. Files, and unit tests, call it so themselves. -#}
{% macro _raw_names(raw) %}
    {%- set names = {} -%}
    {%- for column in raw.columns -%}
        {%- do names.update({column: (raw.names or {}).get(column, column)}) -%}
    {%- endfor -%}
    {{ return(names) }}
{% endmacro %}

{#- The typed expressions of staging: a column that the input lacks is null. -#}
{% macro raw_text(raw, column) -%}
    {%- if column not in raw.columns -%}
        cast(null as {{ dbt.type_string() }})
    {%- else -%}
        nullif(trim({{ binary_text(_raw_name(raw, column)) }}), '')
    {%- endif -%}
{%- endmacro %}

{% macro raw_timestamp(raw, column) -%}
    {%- if column not in raw.columns -%}
        cast(null as {{ dbt.type_timestamp() }})
    {%- else -%}
        {{ parse_timestamp(_raw_value(raw, column), raw.columns[column]) }}
    {%- endif -%}
{%- endmacro %}

{% macro raw_decimal(raw, column) -%}
    {%- if column not in raw.columns -%}
        {{ as_decimal('null', 18, 6) }}
    {%- else -%}
        {{ parse_decimal(_raw_value(raw, column), raw.columns[column]) }}
    {%- endif -%}
{%- endmacro %}

{% macro raw_boolean(raw, column) -%}
    {%- if column not in raw.columns -%}
        cast(null as boolean)
    {%- elif raw.columns[column] | lower in ['boolean', 'bool'] -%}
        {{ _raw_name(raw, column) }}
    {%- else -%}
        case
            when lower({{ raw_text(raw, column) }}) in ('true', 't', 'yes', 'y', '1') then true
            when lower({{ raw_text(raw, column) }}) in ('false', 'f', 'no', 'n', '0') then false
        end
    {%- endif -%}
{%- endmacro %}

{% macro _raw_value(raw, column) -%}
    {%- if _is_text(raw.columns[column]) -%}{{ raw_text(raw, column) }}{%- else -%}{{ _raw_name(raw, column) }}{%- endif -%}
{%- endmacro %}

{% macro _is_text(data_type) -%}
    {{ return((data_type | lower).split('(')[0] in [
        'varchar', 'text', 'string', 'character varying', 'nvarchar', 'char', 'character', 'bpchar', 'json'
    ]) }}
{%- endmacro %}

{#- Names of the columns that hold something which is not of their type, each followed by a space; null if none. -#}
{% macro unparsable_columns(raw, timestamps=[], decimals=[], booleans=[]) -%}
    {%- set checks = ["case when _unreadable_line is not null then 'whole_line ' else '' end"]
        if '_unreadable_line' in raw.columns else [] -%}
    {%- for columns, parse in [(timestamps, raw_timestamp), (decimals, raw_decimal), (booleans, raw_boolean)] -%}
        {%- for column in columns if column in raw.columns -%}
            {%- set value = _raw_value(raw, column) -%}
            {%- do checks.append(
                "case when " ~ value ~ " is not null and (" ~ parse(raw, column) ~ ") is null then '"
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

{#- Tenjin's column names in a list of unparsable columns, as the canonical ones. -#}
{% macro _canonical_names(unparsable) -%}
    replace(replace({{ unparsable }}, 'created_at ', 'event_at '), 'acquired_at ', 'installed_at ')
{%- endmacro %}
