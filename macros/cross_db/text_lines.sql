{#- How DuckDB reads files of text line by line: what their columns are called. -#}

{#-
    [(file, row of the query)]: the same query of each file, a hundred files a statement. In it `$lines` stands for the file's
    lines, read with the options; its first column has to be `$number`.
-#}
{% macro _of_each_file(files, query, options) %}
    {%- set found = [] -%}
    {%- for batch in files | batch(100) -%}
        {%- set queries = [] -%}
        {%- for file in batch -%}
            {%- do queries.append(query.replace('$number', loop.index0 | string).replace('$lines', _line_reader(file, options))) -%}
        {%- endfor -%}
        {%- for row in run_query(queries | join(' union all ')) -%}{%- do found.append((batch[row[0] | int], row)) -%}{%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{#- {file name: its first line}, if that is text; that of a file that cannot be read is missing. -#}
{% macro _first_lines(files) %}
    {%- set lines = {} -%}
    {%- for file, row in _of_each_file(
        files, "select * from (select $number as number, line from $lines limit 1)", ", buffer_size = 4000000, strict_mode = false"
    ) -%}
        {%- do lines.update({file.file_name: row[1] or ''}) -%}
    {%- endfor -%}
    {{ return(lines) }}
{% endmacro %}

{#- The reader of a file of text, a line a row; lines that are no text are missing. -#}
{% macro _line_reader(file, options='') %}
    {{ return(
        "read_csv(" ~ _paths([file.file_name]) ~ ", columns = {'line': 'VARCHAR'}, delim = chr(1), quote = '', escape = '', "
        ~ "header = false, ignore_errors = true, auto_detect = false, max_line_size = 2000000, compression = '"
        ~ file.compression ~ "', encoding = '" ~ file.encoding ~ "'" ~ _line_end_options(file) ~ options ~ ")"
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
    {%- set lines, blank = {}, {} -%}
    {%- for line_end in ['\\n', '\\r\\n'] -%}
        {%- for file, row in _of_each_file(
            files if loop.first else files | selectattr('file_name', 'in', blank) | list,
            "select $number, count(*), count(*) filter (where coalesce(line, '') = '') from $lines",
            ", strict_mode = false, new_line = '" ~ line_end ~ "'"
        ) if row[2] -%}
            {%- do lines.setdefault(file.file_name, row[1] | int) -%}
            {%- do blank.setdefault(file.file_name, []).append(row[2] | int) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- for file in files if file.file_name in blank -%}
        {#- of what is blank to the reader of newlines, what is so to the other, too -#}
        {%- set other_ends = blank[file.file_name][0] - (blank[file.file_name][1:] or [0])[0] -%}
        {%- if 0 < other_ends < lines[file.file_name] - other_ends -%}{%- do file.update({'line_ends': 'mixed'}) -%}{%- endif -%}
    {%- endfor -%}
{% endmacro %}

{#-
    {key: keys that could be the same column and are beside it in a line} of a file of JSON, of all its lines: one scan, before
    the file is read. `names` maps plain names to canonical ones. Keys of the first thousand names, those that are known first.
-#}
{% macro _json_keys(file, names) %}
    {%- set known = [] -%}
    {%- for plain, name in names -%}{%- do known.append('(' ~ text_literal(plain) ~ ', ' ~ text_literal(name) ~ ')') -%}{%- endfor -%}
    {%- set query -%}
    with

    lists as (

        select distinct case when json_valid(line) then json_keys(line) end as keys
        from (
            select ltrim(line, chr(65279)) as line
            from {{ _line_reader(file) }}
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
