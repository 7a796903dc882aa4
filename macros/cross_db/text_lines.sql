{#- How DuckDB reads files of text line by line: what their columns are called. -#}

{#- {file name: [its first line]}, if that is text; that of a file that cannot be read is missing. -#}
{% macro _first_lines(files, encoding='utf-8') %}
    {%- set lines = {} -%}
    {%- for batch in files | batch(100) -%}
        {%- set queries = [] -%}
        {%- for file in batch -%}
            {%- do queries.append(
                "select * from (select " ~ loop.index0 ~ " as number, line from "
                ~ _line_reader(file, encoding, ", buffer_size = 4000000, strict_mode = false") ~ " limit 1)"
            ) -%}
        {%- endfor -%}
        {%- for row in run_query(queries | join(' union all ')) -%}
            {%- do lines.setdefault(batch[row[0] | int].file_name, []).append(row[1] or '') -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(lines) }}
{% endmacro %}

{#- The reader of a file of text, a line a row; lines that are no text are missing. -#}
{% macro _line_reader(file, encoding, options='') %}
    {{ return(
        "read_csv(" ~ _paths([file.file_name]) ~ ", columns = {'line': 'VARCHAR'}, delim = chr(1), quote = '', escape = '', "
        ~ "header = false, ignore_errors = true, auto_detect = false, max_line_size = 2000000, compression = '"
        ~ file.compression ~ "', encoding = '" ~ encoding ~ "'" ~ _line_end_options(file) ~ options ~ ")"
    ) }}
{% endmacro %}

{#-
    Reader's options for a file, or a layout, whose lines end in two ways: DuckDB 1.5 stops at them otherwise, on several threads
    even where it is not strict.
-#}
{% macro _line_end_options(file) %}
    {{ return(", strict_mode = false, parallel = false" if file.get('line_ends') == 'mixed' else "") }}
{% endmacro %}

{#-
    Notes `line_ends: mixed` of files of which some lines end in a carriage return and newline, others in a newline, newlines in
    quotes included. One scan; a second of files that have the first kind. A reader of the one kind takes the other for a blank line.
-#}
{% macro _note_mixed_line_ends(files) %}
    {%- set found = {} -%}
    {%- for line_end in ['\\n', '\\r\\n'] -%}
        {%- for batch in (files if loop.first else files | selectattr('file_name', 'in', found) | list) | batch(100) -%}
            {%- set queries = [] -%}
            {%- for file in batch -%}
                {%- do queries.append(
                    "select " ~ loop.index0 ~ ", count(*) filter (where coalesce(line, '') = ''), count(*) from "
                    ~ _line_reader(file, file.encoding, ", strict_mode = false, new_line = '" ~ line_end ~ "'")
                ) -%}
            {%- endfor -%}
            {%- for number, blank, lines in run_query(queries | join(' union all ')) if blank -%}
                {%- do found.setdefault(batch[number | int].file_name, []).append((blank | int, lines | int)) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for file in files if file.file_name in found -%}
        {%- set blank, lines = found[file.file_name][0] -%}
        {%- set really_blank = found[file.file_name][1][0] if found[file.file_name][1:] else 0 -%}
        {%- if 0 < blank - really_blank < lines - blank + really_blank -%}{%- do file.update({'line_ends': 'mixed'}) -%}{%- endif -%}
    {%- endfor -%}
{% endmacro %}

{#-
    {key: keys that could be the same column and are beside it in a line} of a file of JSON, of all its lines: one scan, before
    the file is read. `names` maps plain names to canonical ones. Keys of the first thousand names, those that are known first.
-#}
{% macro _json_keys(file, encoding, names) %}
    {%- set known = [] -%}
    {%- for plain, name in names -%}{%- do known.append('(' ~ text_literal(plain) ~ ', ' ~ text_literal(name) ~ ')') -%}{%- endfor -%}
    {%- set query -%}
    with

    lists as (

        select distinct case when json_valid(line) then json_keys(line) end as keys
        from (
            select ltrim(line, chr(65279)) as line
            from {{ _line_reader(file, encoding) }}
        ) as lines

    ),

    keys_of_lists as (

        select number, unnest(list_distinct(keys)) as key
        from (select row_number() over () as number, keys from lists) as numbered

    ),

    matched as (

        select keys_of_lists.number, keys_of_lists.key, known.name
        from keys_of_lists
        left join (values {{ known | join(', ') }}) as known (plain, name)
            on regexp_replace(lower(keys_of_lists.key), '[] _.|{}[-]', '', 'g') = known.plain

    )

    select one.key, to_json(list(distinct other.key) filter (where other.key is not null)) as beside
    from matched as one
    left join matched as other
        on one.number = other.number and one.name = other.name and one.key <> other.key
    group by one.key
    order by min(one.name) is null, one.key
    limit 1000
    {%- endset -%}
    {%- set keys = {} -%}
    {%- for key, beside in run_query(query) -%}{%- do keys.update({key: fromjson(beside or '[]', [])}) -%}{%- endfor -%}
    {{ return(keys) }}
{% endmacro %}

{% macro _is_json_object(line) -%}
    case when json_valid({{ line }}) then json_type({{ line }}) = 'OBJECT' else false end
{%- endmacro %}
