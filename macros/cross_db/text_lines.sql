{#- How DuckDB reads files of text line by line: what their columns are called. -#}

{#- {file name: [its first line]}, if that is text; that of a file that cannot be read is missing. -#}
{% macro _first_lines(files, encoding='utf-8') %}
    {%- set lines = {} -%}
    {%- for batch in files | batch(100) -%}
        {%- set queries = [] -%}
        {%- for file in batch -%}
            {%- do queries.append(
                "select * from (select " ~ loop.index0 ~ " as number, line from "
                ~ _line_reader(file, encoding, ", buffer_size = 4000000") ~ " limit 1)"
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
        ~ file.compression ~ "', encoding = '" ~ encoding ~ "'" ~ options ~ ")"
    ) }}
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
