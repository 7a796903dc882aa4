{#- The raw rows as staging wants them: texts that mean null are null. -#}

{#- Texts that mean null, in small letters; all of nine characters or fewer. -#}
{% macro null_texts() %}
    {{ return([
        'null', 'none', 'nil', 'nan', 'n/a', 'na', '#n/a', '-', '--', '\\n', '(null)', '(none)', '(not set)', 'unknown',
        'undefined'
    ]) }}
{% endmacro %}

{#-
    The raw rows with what every staging model wants of them: texts are trimmed, and null where they mean so; whole numbers
    of `ids` lose a fraction of zeros; texts of `times` have their zone as an offset. In `names` only a blank means null,
    in `countries` NA is Namibia; what `unparsable_columns` asks for is parsed. Each step is a select of its own, so that it
    is computed once a row.
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
    {%- set parsed = raw.columns.keys() | list -%}
    {%- for column, value in raw.get('parsed', {}).items() -%}{%- do parsed.append(value.sql ~ ' as parsed_' ~ column) -%}{%- endfor -%}
    select
        {{ parsed | join(',\n        ') }}
    from (
        select
            {{ timed | join(',\n            ') }}
        from (
            select
                {{ known | join(',\n                ') }}
            from (
                select
                    {{ plain | join(',\n                    ') }}
                from ({{ raw.sql }}) as {{ _raw_alias() }}
                {{ computed_here() }}
            ) as trimmed
            {{ computed_here() }}
        ) as known
        {{ computed_here() }}
    ) as timed
    {{ computed_here() }}
{% endmacro %}
