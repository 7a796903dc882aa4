{#-
    Reads a text file once, whole, and returns a query of its lines that cannot be read: (line_number, line_text, error).
    One file at a time: of many at once DuckDB 1.5 does not report an open quote. Not ignore_errors: with it alone, DuckDB
    1.5 drops good lines after a broken quote.
-#}
{% macro _find_unreadable_lines(layout, name) %}
    {%- do _forget_rejects(name) -%}
    {%- if layout.format == 'json' -%}
        {%- do run_query(
            "create or replace temporary table " ~ _rejects(name) ~ "_lines as select row_number() over () as line_number, "
            ~ "c1 as line_text from " ~ _file_reader(layout, [name], _reject_options(name))
        ) -%}
        {%- set invalid = " union all select line_number, line_text, 'not a JSON object' from " ~ _rejects(name)
            ~ "_lines where trim(line_text) <> '' and not " ~ _is_json_object('ltrim(line_text, chr(65279))') -%}
    {%- else -%}
        {%- do run_query("select max(" ~ _all_columns(layout) ~ ") from " ~ _file_reader(layout, [name], _reject_options(name))) -%}
    {%- endif -%}
    {{ return(
        "select line as line_number, ltrim(min(csv_line), chr(10) || chr(13)) as line_text, "
        ~ "cast(min(error_type) as varchar) as error_message from " ~ _rejects(name) ~ " group by line" ~ (invalid or '')
    ) }}
{% endmacro %}

{#- The reader's options for a file with such lines. -#}
{% macro _reject_options(name) %}
    {{ return(
        ", store_rejects = true, rejects_limit = 0, rejects_table = '" ~ _rejects(name) ~ "', rejects_scan = '"
        ~ _rejects(name) ~ "_scans'"
    ) }}
{% endmacro %}

{% macro _forget_rejects(name) %}
    {%- do run_query(
        "drop table if exists " ~ _rejects(name) ~ "; drop table if exists " ~ _rejects(name) ~ "_scans; "
        ~ "drop table if exists " ~ _rejects(name) ~ "_lines"
    ) -%}
{% endmacro %}

{% macro _rejects(name) %}{{ return('unreadable_' ~ local_md5(name)) }}{% endmacro %}
