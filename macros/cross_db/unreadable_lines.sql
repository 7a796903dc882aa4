{#-
    Names of the files with lines that cannot be read; the lines themselves go to int_unreadable_lines. A file is read
    for that once, as long as neither its size nor its time changes. None where nothing can be noted down (the model
    is not built yet, or dbt only compiles): then such a line stops whoever reads it.
-#}
{% macro _unreadable_lines(folder, groups) %}
    {%- set lines = load_relation(ref('int_unreadable_lines')) -%}
    {%- if lines is none -%}{{ return(none) }}{%- endif -%}
    {%- set known = {} -%}
    {%- for row in run_query("select file_name, file_size, modified_at from " ~ lines ~ " where line_number is null") -%}
        {%- do known.update({row[0]: (row[1] | int, row[2] | string)}) -%}
    {%- endfor -%}
    {%- if flags.WHICH in ['run', 'build', 'retry'] -%}
        {%- for group in groups -%}
            {%- set checked = [] -%}
            {%- for file in group.files if known.get(file.name) != (file.size, file.modified) -%}
                {%- do checked.append(file) -%}
            {%- endfor -%}
            {#- one by one: of many files at once DuckDB 1.5 does not report an open quote -#}
            {%- for file in checked -%}{%- do _duckdb_note_unreadable_lines(lines, group, file) -%}{%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set names = [] -%}
    {%- for group in groups -%}{%- for file in group.files -%}{%- do names.append(file.name) -%}{%- endfor -%}{%- endfor -%}
    {{ return(run_query(
        "select distinct file_name from " ~ lines ~ " where line_number is not null and file_name in ("
        ~ _duckdb_list(names, is_pattern=true)[1:-1] ~ ") order by 1"
    ).columns[0].values() | list) }}
{% endmacro %}

{#-
    The reader's options for a file with such lines. Not ignore_errors: with it alone, DuckDB 1.5 drops good lines after
    a broken quote.
-#}
{% macro _duckdb_rejects(name) %}
    {%- set rejects = 'unreadable_' ~ local_md5(name) -%}
    {{ return(
        ", store_rejects = true, rejects_limit = 0, rejects_table = '" ~ rejects ~ "', rejects_scan = '" ~ rejects ~ "_scans'"
    ) }}
{% endmacro %}

{% macro _duckdb_note_unreadable_lines(lines, group, file) %}
    {%- set rejects = 'unreadable_' ~ local_md5(file.name) -%}
    {%- set name = "'" ~ file.name | replace("'", "''") ~ "'" -%}
    {%- do run_query("drop table if exists " ~ rejects ~ "; drop table if exists " ~ rejects ~ "_scans") -%}
    {%- do run_query(
        "select max(hash(\"" ~ group.names | join('", "') ~ "\")) from "
        ~ _duckdb_read_csv(group, [file.name], _duckdb_rejects(file.name))
    ) -%}
    {#- killed in between, the file is checked again; its lines come in one statement, all or none -#}
    {%- do run_query("delete from " ~ lines ~ " where file_name = " ~ name) -%}
    {%- do run_query(
        "insert into " ~ lines ~ " (file_name, file_size, modified_at, line_number, line_text, error_message)"
        ~ " select " ~ name ~ ", " ~ file.size ~ ", '" ~ file.modified ~ "', line_number, line_text, error_message from ("
        ~ "select null as line_number, null as line_text, null as error_message union all"
        ~ " select line, ltrim(min(csv_line), chr(10) || chr(13)), min(error_type) from " ~ rejects ~ " group by line)"
    ) -%}
    {%- do run_query("drop table if exists " ~ rejects ~ "; drop table if exists " ~ rejects ~ "_scans") -%}
{% endmacro %}
