{#- How DuckDB reads files: list, describe, select. What is done with them: macros/intake/. -#}

{#- Whether the target reads folders of files; other engines have tables, and `raw_schema`. -#}
{% macro reads_files() -%}
    {{ return(adapter.dispatch('reads_files', 'app_sessions')()) }}
{%- endmacro %}

{% macro default__reads_files() -%}
    {%- do _require(
        not var('raw_path'), 'raw_path',
        "adapter '" ~ adapter.type() ~ "' does not read folders of files; load " ~ var('raw_path')
        ~ " into tables and set raw_schema instead"
    ) -%}
    {{ return(false) }}
{%- endmacro %}

{% macro duckdb__reads_files() -%}{{ return(var('raw_path') is not none) }}{%- endmacro %}

{#-
    The reader of files of one layout. Columns of text are called c1, c2, … by their place, so that a header is never
    part of a statement. `filename` by this name lets DuckDB open only the files that are asked for.
-#}
{% macro _file_reader(layout, names, options='') %}
    {%- if layout.format == 'parquet' -%}
        {%- set path_column = "'_path'" if 'filename' in layout.columns | map('lower') else 'true' -%}
        {{ return(
            "read_parquet(" ~ _paths(names) ~ _parquet_schema(layout) ~ ", hive_partitioning = false, filename = " ~ path_column ~ ")"
        ) }}
    {%- endif -%}
    {%- set columns = [] -%}
    {%- for number in range(1, (1 if layout.format == 'json' else layout.columns | length) + 1) -%}
        {%- do columns.append("'c" ~ number ~ "': 'VARCHAR'") -%}
    {%- endfor -%}
    {%- set form = "delim = chr(1), quote = '', escape = '', header = false" if layout.format == 'json'
        else "delim = '" ~ ('\t' if layout.format == 'tsv' else ',') ~ "', quote = '\"', escape = '\"', header = true" -%}
    {{ return(
        "read_csv(" ~ _paths(names) ~ ", columns = {" ~ columns | join(', ') ~ "}, " ~ form
        ~ ", auto_detect = false, max_line_size = 2000000, encoding = '" ~ layout.encoding ~ "', compression = '"
        ~ layout.compression ~ "', hive_partitioning = false, filename = true" ~ _line_end_options(layout) ~ options ~ ")"
    ) }}
{% endmacro %}

{#-
    Tells DuckDB the columns that are read: it opens the first file of a list for them otherwise, even if no row of it is asked for.
    Not where columns have one name but for their case: of these DuckDB calls one `name_1`, which is no name in the file.
-#}
{% macro _parquet_schema(layout) %}
    {%- set names, columns = layout.columns | map('lower') | list, [] -%}
    {%- for name in names if modules.re.search('_[0-9]+$', name) and name.rpartition('_')[0] in names -%}{{ return('') }}{%- endfor -%}
    {%- set others = layout.get('also', {}).values() | sum(start=[]) -%}
    {%- for place in (layout.found.values() | list + others) | unique(case_sensitive=true) -%}
        {%- do columns.append(
            text_literal(place) ~ ": {name: " ~ text_literal(place) ~ ", type: " ~ text_literal(layout.columns[place])
            ~ ", default_value: null}"
        ) -%}
    {%- endfor -%}
    {{ return(', schema = map {' ~ columns | join(', ') ~ '}' if columns else '') }}
{% endmacro %}

{#- A select list of a file's columns by their canonical names, each as text or as its Parquet type. -#}
{% macro _file_columns(layout, as_text) %}
    {%- set texts = [] -%}
    {%- for name, place in layout.found.items() -%}
        {%- set values = [] -%}
        {%- if layout.format == 'parquet' -%}
            {%- set value, others = identifier(place), layout.get('also', {}).get(name, []) -%}
            {%- if others -%}
                {%- set value = _value_of_any_type([place] + others, layout.columns) -%}
            {%- elif _is_nested(layout.columns[place]) -%}
                {%- set value = nested_as_json(value) -%}
            {%- elif as_text -%}
                {%- set value = whole_number_text(value, layout.columns[place]) -%}
            {%- endif -%}
        {%- elif layout.format == 'json' -%}
            {%- set keys = _keys_to_read(layout) -%}
            {%- for key in ([name, place] + layout.get('also', {}).get(name, [])) | unique(case_sensitive=true) -%}
                {%- do values.append('j[' ~ (keys.index(key) + 1) ~ ']') -%}
            {%- endfor -%}
        {%- else -%}
            {%- for number in [place] + layout.get('also', {}).get(name, []) -%}{%- do values.append('c' ~ number) -%}{%- endfor -%}
        {%- endif -%}
        {%- if values -%}{%- set value = 'coalesce(' ~ values | join(', ') ~ ')' if values[1:] else values[0] -%}{%- endif -%}
        {%- do texts.append(value ~ ' as ' ~ identifier(name)) -%}
    {%- endfor -%}
    {%- for name, key in layout.folder_keys.items() -%}
        {#- of the path below raw_path; what is no encoded text stands for itself -#}
        {%- set value = "regexp_extract(substr(" ~ _path_column(layout) ~ ", " ~ _raw_root() | length ~ "), '/"
            ~ modules.re.escape(key) ~ "=([^/]*)/', 1)" -%}
        {%- do texts.append(
            "nullif(coalesce(try(url_decode(" ~ value ~ ")), " ~ value ~ "), '__HIVE_DEFAULT_PARTITION__') as " ~ identifier(name)
        ) -%}
    {%- endfor -%}
    {{ return(texts) }}
{% endmacro %}

{% macro _path_column(layout) %}
    {{ return('_path' if layout.format == 'parquet' and 'filename' in layout.columns | map('lower') else 'filename') }}
{% endmacro %}

{#- Rows of files of one layout as {canonical columns, path}. -#}
{% macro _file_rows(layout, names, as_text=false, options='') %}
    {%- set columns = _file_columns(layout, as_text) + [_path_column(layout) ~ ' as file_name'] -%}
    {%- set reader = _file_reader(layout, names, options) -%}
    {%- if layout.format == 'json' -%}
        {#- by their places, since names of fields would be one whatever their case -#}
        {%- set pointers = [] -%}
        {%- for key in _keys_to_read(layout) -%}{%- do pointers.append('/' ~ key.replace('~', '~0').replace('/', '~1')) -%}{%- endfor -%}
        {#- a line that is blank or no object is no row of the file; the second is kept as an unreadable line -#}
        {%- set reader = "(select json_extract_string(c1, " ~ _text_list(pointers) 
            ~ ") as j, filename from (select ltrim(c1, chr(65279)) as c1, filename from " ~ reader ~ ") where "
            ~ _is_json_object('c1') ~ ")" -%}
    {%- elif layout.format != 'parquet' and options -%}
        {#- DuckDB finds bytes that are no text only in the columns that are asked for: ask for all -#}
        {%- set reader = reader ~ ' where ' ~ _all_columns(layout) ~ ' is not null' -%}
    {%- endif -%}
    {{ return("select " ~ columns | join(', ') ~ " from " ~ reader) }}
{% endmacro %}

{#- Keys of JSON objects: the canonical names, and the other names that a file has for them. -#}
{% macro _keys_to_read(layout) %}
    {%- set others = layout.get('also', {}).values() | sum(start=[]) -%}
    {{ return((layout.found.keys() | list + layout.found.values() | list + others) | unique(case_sensitive=true) | list) }}
{% endmacro %}

{% macro _all_columns(layout) %}
    {%- set names = [] -%}
    {%- for number in range(1, (1 if layout.format == 'json' else layout.columns | length) + 1) -%}
        {%- do names.append('c' ~ number) -%}
    {%- endfor -%}
    {{ return('hash(' ~ names | join(', ') ~ ')') }}
{% endmacro %}
