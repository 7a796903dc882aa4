{#- Reference: macros/_macros.yml (raw_files). -#}
{% macro raw_files(folder, required=[]) -%}
    {{ return(adapter.dispatch('raw_files', 'app_sessions')(folder, required)) }}
{%- endmacro %}

{% macro default__raw_files(folder, required) -%}
    {{ exceptions.raise_compiler_error(
        "raw_files: adapter '" ~ adapter.type() ~ "' does not read folders of files; load "
        ~ folder ~ " into tables and set raw_schema instead of raw_path"
    ) }}
{%- endmacro %}

{#-
    CSV is read as text throughout, so that staging decides what each value is, and nothing about it is guessed: comma
    (tab in .tsv), double quotes, a header. Lines that cannot be read that way become rows of `_unreadable_line`.
-#}
{% macro duckdb__raw_files(folder, required) -%}
    {%- set parts = [] -%}
    {%- for group in _duckdb_parquet_groups(folder, required) -%}
        {%- do parts.append({'sql': "select * from " ~ _duckdb_read_parquet(group.files), 'columns': group.columns}) -%}
    {%- endfor -%}
    {%- set groups = _duckdb_csv_groups(folder, required) -%}
    {%- set unreadable = _unreadable_lines(folder, groups) if required and groups else none -%}
    {%- for group in groups -%}
        {%- set whole = [] -%}
        {%- for file in group.files -%}
            {%- if file.name not in (unreadable or []) -%}
                {%- do whole.append(file.name) -%}
            {%- else -%}
                {#- DuckDB finds bytes that are no text only in the columns that are asked for: ask for all -#}
                {%- do parts.append({'columns': group.columns, 'sql':
                    "select * from " ~ _duckdb_read_csv(group, [file.name], _duckdb_rejects(file.name))
                    ~ ' where hash("' ~ group.names | join('", "') ~ '") is not null'
                }) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- if whole -%}
            {%- do parts.append({'columns': group.columns, 'sql': "select * from " ~ _duckdb_read_csv(group, whole)}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if unreadable -%}
        {%- do parts.append({'columns': {'_unreadable_line': 'VARCHAR'}, 'sql':
            "select line_text as _unreadable_line from " ~ ref('int_unreadable_lines')
            ~ " where line_number is not null and file_name in (" ~ _duckdb_list(unreadable, is_pattern=true)[1:-1] ~ ")"
        }) -%}
    {%- endif -%}
    {%- if not parts -%}
        {%- do _require(
            not required or not folder.endswith('/events'), 'raw_files',
            "no .parquet or .csv file with content in " ~ folder ~ "; the feed 'events' is required"
        ) -%}
        {{ return({'sql': 'select 1 as nothing where 1 = 0', 'columns': {}}) }}
    {%- endif -%}
    {{ return(_duckdb_united(parts)) }}
{%- endmacro %}

{#- The parts as one query; a column of several types is text in all of them, and staging reads it as such. -#}
{% macro _duckdb_united(parts) %}
    {%- set columns = {} -%}
    {%- set mixed = [] -%}
    {%- for part in parts -%}
        {%- for name, data_type in part.columns.items() -%}
            {%- if columns.setdefault(name, data_type) != data_type and name not in mixed -%}
                {%- do mixed.append(name) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set queries = [] -%}
    {%- for part in parts -%}
        {%- set casts = [] -%}
        {%- for name in part.columns if name in mixed and part.columns[name] != 'VARCHAR' -%}
            {%- do casts.append('cast("' ~ name ~ '" as varchar) as "' ~ name ~ '"') -%}
        {%- endfor -%}
        {%- do queries.append(part.sql.replace('select *', 'select * replace (' ~ casts | join(', ') ~ ')', 1) if casts else part.sql) -%}
    {%- endfor -%}
    {%- for name in mixed -%}{%- do columns.update({name: 'VARCHAR'}) -%}{%- endfor -%}
    {{ return({'sql': queries | join(' union all by name '), 'columns': columns}) }}
{% endmacro %}

{#- File names as an SQL list; of a reader, which takes names for patterns unless told otherwise. -#}
{% macro _duckdb_list(names, is_pattern=false) %}
    {%- set texts = [] -%}
    {%- for name in names -%}
        {%- do texts.append(name if is_pattern else modules.re.sub('([*?[])', '[\\g<1>]', name)) -%}
    {%- endfor -%}
    {{ return("['" ~ texts | map('replace', "'", "''") | join("', '") ~ "']") }}
{% endmacro %}

{#- [{name, size, modified}] of the files that are not empty. -#}
{% macro _duckdb_files(folder, endings) %}
    {%- set globs = [] -%}
    {%- for ending in endings -%}{%- do globs.append(folder ~ '/**/*.' ~ ending) -%}{%- endfor -%}
    {%- set files = [] -%}
    {%- for row in run_query(
        "select filename, size, cast(last_modified as varchar) from read_blob("
        ~ _duckdb_list(globs, is_pattern=true) ~ ") where size > 0 order by 1"
    ) -%}
        {%- do files.append({'name': row[0], 'size': row[1] | int, 'modified': row[2] | string}) -%}
    {%- endfor -%}
    {{ return(files) }}
{% endmacro %}

{#-
    [{columns, files}]: Parquet files with the same columns, those of folders named `column=value` included. What the
    files are made of is asked once for all, and what that is to DuckDB once for each kind.
-#}
{% macro _duckdb_parquet_groups(folder, required) %}
    {%- set files = _duckdb_files(folder, ['parquet']) | map(attribute='name') | list -%}
    {%- set groups = {} -%}
    {%- if files -%}
        {%- for name, kind in run_query(
            "select file_name, string_agg(concat_ws(' ', name, num_children, repetition_type = 'REPEATED', converted_type, duckdb_type), "
            ~ "', ' order by column_id) || regexp_extract_all(replace(file_name, '/', '//'), '/([^/=]+)=[^/=]*/', 1)::varchar"
            ~ " from parquet_schema(" ~ _duckdb_list(files) ~ ") group by file_name order by file_name"
        ) -%}
            {%- do groups.setdefault(kind, {'columns': {}, 'files': []}).files.append(name) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for group in groups.values() -%}
        {%- for row in run_query("describe select * from " ~ _duckdb_read_parquet(group.files[:1])) -%}
            {%- do group.columns.update({row[0] | lower: row[1]}) -%}
        {%- endfor -%}
        {%- do require_columns('the file ' ~ group.files[0], group.columns, required) -%}
    {%- endfor -%}
    {{ return(groups.values() | list) }}
{% endmacro %}

{#- Folders' values as text: what they look like in one folder says nothing about the next. -#}
{% macro _duckdb_read_parquet(files) -%}
    {{ return('read_parquet(' ~ _duckdb_list(files) ~ ', hive_types_autocast = false)') }}
{%- endmacro %}

{#- [{delimiter, encoding, names, columns, files}]: CSV files with one header. -#}
{% macro _duckdb_csv_groups(folder, required) %}
    {%- set groups = {} -%}
    {%- for delimiter, endings in [(',', ['csv', 'csv.gz', 'csv.zst']), ('\t', ['tsv', 'tsv.gz', 'tsv.zst'])] -%}
        {%- for batch in _duckdb_files(folder, endings) | batch(100) -%}
            {%- set headers = _duckdb_first_lines(batch, 'utf-8') -%}
            {%- for file in batch -%}
                {%- set line = headers.get(loop.index0, '\x00') -%}
                {%- set encoding = 'utf-16' if '\x00' in line else 'utf-8' -%}
                {%- if encoding == 'utf-16' -%}
                    {%- set line = _duckdb_first_lines([file], encoding).get(0, '') -%}
                {%- endif -%}
                {%- set names = _csv_header(line, delimiter, file.name) -%}
                {%- do require_columns('the file ' ~ file.name, names, required) -%}
                {%- do groups.setdefault(delimiter ~ encoding ~ names | string, {
                    'delimiter': delimiter, 'encoding': encoding, 'names': names, 'files': [],
                    'columns': dict.fromkeys(names, 'VARCHAR')
                }).files.append(file) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(groups.values() | list) }}
{% endmacro %}

{#- {number of the file: its first line}, as far as it is text. -#}
{% macro _duckdb_first_lines(files, encoding) %}
    {%- set queries = [] -%}
    {%- for file in files -%}
        {%- do queries.append(
            "select * from (select " ~ loop.index0 ~ " as file_number, line from read_csv(" ~ _duckdb_list([file.name])
            ~ ", columns = {'line': 'VARCHAR'}, delim = chr(1), quote = '', escape = '', header = false, ignore_errors = true, "
            ~ "auto_detect = false, max_line_size = 500000, buffer_size = 1000000, encoding = '" ~ encoding ~ "') limit 1)"
        ) -%}
    {%- endfor -%}
    {%- set lines = {} -%}
    {%- for row in run_query(queries | join(' union all ')) -%}{%- do lines.update({row[0] | int: row[1] or ''}) -%}{%- endfor -%}
    {{ return(lines) }}
{% endmacro %}

{#- The names in a first line; what is not named is `column_<number>`. -#}
{% macro _csv_header(line, delimiter, file) %}
    {%- set names = [] -%}
    {%- set cell = '(?:^|' ~ delimiter ~ ')(?:"((?:[^"]|"")*)"|([^' ~ delimiter ~ ']*))' -%}
    {%- for quoted, plain in modules.re.findall(cell, line.lstrip('\ufeff').strip('\r\n')) -%}
        {%- set name = (quoted.replace('""', '"') or plain) | trim | lower or 'column_' ~ loop.index -%}
        {%- do _require(name not in names, 'raw_files', "the file " ~ file ~ " has the column '" ~ name ~ "' twice") -%}
        {%- do names.append(name) -%}
    {%- endfor -%}
    {{ return(names) }}
{% endmacro %}

{% macro _duckdb_read_csv(group, files, options='') %}
    {%- set columns = [] -%}
    {%- for name in group.names -%}{%- do columns.append("'" ~ name | replace("'", "''") ~ "': 'VARCHAR'") -%}{%- endfor -%}
    {{ return(
        "read_csv(" ~ _duckdb_list(files) ~ ", columns = {" ~ columns | join(', ') ~ "}, delim = '" ~ group.delimiter
        ~ "', quote = '\"', escape = '\"', header = true, auto_detect = false, max_line_size = 2000000, encoding = '"
        ~ group.encoding ~ "'" ~ options ~ ")"
    ) }}
{% endmacro %}
