{#- The raw rows as staging wants them: texts that mean null are null. -#}

{#- Texts that mean null, in small letters; all of nine characters or fewer. -#}
{% macro null_texts() %}
    {{ return([
        'null', 'none', 'nil', 'nan', 'n/a', 'na', '#n/a', '-', '--', '\\n', '(null)', '(none)', '(not set)', 'unknown',
        'undefined'
    ]) }}
{% endmacro %}

{#- A trimmed text; null where it is blank or one of `nulls`. -#}
{% macro known_text(text, nulls=none) -%}
    {{ return(adapter.dispatch('known_text', 'app_sessions')(text, null_texts() if nulls is none else nulls)) }}
{%- endmacro %}

{% macro default__known_text(text, nulls) -%}
    {%- if nulls -%}
        case
            when {{ text }} = '' then null
            when length({{ text }}) <= 9 and lower({{ text }}) in {{ _in_list(nulls) }} then null
            else {{ text }}
        end
    {%- else -%}
        nullif({{ text }}, '')
    {%- endif -%}
{%- endmacro %}

{#- Short, as a view's text has to be there: macros/cross_db/rebuild_view_spark.sql. -#}
{% macro spark__known_text(text, nulls) -%}
    if(lower({{ text }}) in {{ _in_list([''] + nulls) }}, null, {{ text }})
{%- endmacro %}

{% macro databricks__known_text(text, nulls) -%}{{ default__known_text(text, nulls) }}{%- endmacro %}

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
                from ({{ raw.sql }}) as raw
                {{ computed_here() }}
            ) as trimmed
            {{ computed_here() }}
        ) as known
        {{ computed_here() }}
    ) as timed
    {{ computed_here() }}
{% endmacro %}

{#- A text that is a whole number with a fraction of zeros, without it. -#}
{% macro _whole_id(text) -%}
    {{ return(adapter.dispatch('_whole_id', 'app_sessions')(text)) }}
{%- endmacro %}

{% macro default___whole_id(text) -%}
    case
        when {{ text }} like '%.0' and {{ text }} <> '.0' and translate({{ text }}, '0123456789', '') = '.'
            then substr({{ text }}, 1, length({{ text }}) - 2)
        when {{ text }} like '%.00' and {{ text }} <> '.00' and translate({{ text }}, '0123456789', '') = '.'
            then substr({{ text }}, 1, length({{ text }}) - 3)
        else {{ text }}
    end
{%- endmacro %}

{% macro spark___whole_id(text) -%}regexp_replace({{ text }}, '^([0-9]+)[.]00?$', '$1'){%- endmacro %}

{% macro databricks___whole_id(text) -%}{{ default___whole_id(text) }}{%- endmacro %}
