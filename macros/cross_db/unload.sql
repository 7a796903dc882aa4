{#- Writes the rows of a query to one folder, in place of what an earlier unload wrote there, and returns how many there are now. -#}
{% macro unload(query, folders, name, format) %}
    {{ return(adapter.dispatch('unload', 'app_sessions')(query, folders, name, format)) }}
{% endmacro %}

{% macro default__unload(query, folders, name, format) %}
    {{ exceptions.raise_compiler_error(
        "export_sessions: " ~ adapter.type() ~ " has no statement that writes a query's rows to a folder or bucket. "
        ~ "Copy core.fct_sessions and intermediate.int_events_sessionized with the engine's own tools"
    ) }}
{% endmacro %}

{#- A file under another name that is renamed at its end, so that the old one or the new one is there, whole. -#}
{% macro duckdb__unload(query, folders, name, format) %}
    {%- set file = folders | join('/') ~ '/' ~ name ~ '.' ~ format -%}
    {%- set is_bucket = '://' in file -%}
    {%- for folder in ([] if is_bucket else _folders_down_to(folders)) -%}
        {#- DuckDB makes a folder only for partitions, and no file where there are no rows -#}
        {%- do run_query(
            "copy (select 1 as a, 2 as b where false) to " ~ text_literal(folder)
            ~ " (format csv, partition_by (a), overwrite_or_ignore)"
        ) -%}
    {%- endfor -%}
    {%- do run_query(
        "copy (" ~ query ~ ") to " ~ text_literal(file) ~ " (format " ~ format ~ (", header" if format == 'csv')
        ~ ("" if is_bucket else ", use_tmp_file true") ~ ")"
    ) -%}
    {%- set reader = "read_parquet(" ~ text_literal(file) ~ ")" if format == 'parquet'
        else "read_csv(" ~ text_literal(file) ~ ", header=true, all_varchar=true, delim=',', quote='\"', escape='\"')" -%}
    {{ return(run_query("select count(*) from " ~ reader).rows[0][0] | int) }}
{% endmacro %}

{#- a/b and c as a, a/b, a/b/c: DuckDB makes one level at a time -#}
{% macro _folders_down_to(folders) %}
    {%- set parts = (folders | join('/')).split('/') -%}
    {%- set found = [] -%}
    {%- for count in range(1, parts | length + 1) -%}
        {%- set folder = parts[:count] | join('/') -%}
        {%- if folder -%}{%- do found.append(folder) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{#- `path` is a stage such as @exports/app, or a bucket with a storage integration of its own -#}
{% macro snowflake__unload(query, folders, name, format) %}
    {%- set file = folders | join('/') ~ '/' ~ name ~ '.' ~ format -%}
    {%- set written = run_query(
        "copy into " ~ (file if file.startswith('@') else text_literal(file)) ~ " from (" ~ query ~ ") file_format = (type = " ~ format
        ~ (" field_optionally_enclosed_by = '\"' compression = none" if format == 'csv')
        ~ ") header = true single = true overwrite = true max_file_size = 5368709120"
    ) -%}
    {{ return(written.rows[0][0] | int) }}
{% endmacro %}

{#- the files' number is the engine's choice, and so is the star in their names -#}
{% macro bigquery__unload(query, folders, name, format) %}
    {%- do run_query(
        "export data options (uri = " ~ text_literal(folders | join('/') ~ '/' ~ name ~ '-*.' ~ format) ~ ", format = '"
        ~ format | upper ~ "', overwrite = true" ~ (", header = true" if format == 'csv') ~ ") as " ~ query
    ) -%}
    {{ return(none) }}
{% endmacro %}

{#- Replaces the folder whole; databricks inherits it. -#}
{% macro spark__unload(query, folders, name, format) %}
    {%- set folder = folders | join('/') -%}
    {%- do run_query(
        "insert overwrite directory " ~ text_literal(folder) ~ " using " ~ format
        ~ (" options ('header' = 'true')" if format == 'csv') ~ " " ~ query
    ) -%}
    {%- if format == 'parquet' -%}
        {{ return(run_query("select count(*) from parquet.`" ~ folder ~ "`").rows[0][0] | int) }}
    {%- endif -%}
    {%- do run_query(
        "create or replace temporary view exported_rows using csv options (path " ~ text_literal(folder) ~ ", header 'true')"
    ) -%}
    {{ return(run_query("select count(*) from exported_rows").rows[0][0] | int) }}
{% endmacro %}

{#- Empties the folder first; the role is the cluster's default one. -#}
{% macro redshift__unload(query, folders, name, format) %}
    {%- do run_query(
        "unload ($$" ~ query ~ "$$) to " ~ text_literal(folders | join('/') ~ '/' ~ name ~ '_')
        ~ " iam_role default format " ~ format ~ (" header" if format == 'csv') ~ " cleanpath parallel off"
    ) -%}
    {{ return(run_query("select pg_last_unload_count()").rows[0][0] | int) }}
{% endmacro %}
