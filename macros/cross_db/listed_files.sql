{#-
    A query of the files below the folders, hidden ones and those of other programs aside, as Spark passes them over: a
    part of the path that begins with a dot, or with an underscore and is no `key=value`.
    Columns: file_name (path below raw_path), file_size, modified_at (text).
-#}
{% macro _listed_files(folders) %}
    {%- set globs = [] -%}
    {%- for folder in folders -%}{%- do globs.append(_glob(_raw_root() ~ folder, is_part=true) ~ '/**/*') -%}{%- endfor -%}
    {%- set query -%}
    select file_name, file_size, modified_at
    from (
        select
            substr(filename, {{ _raw_root() | length + 1 }}) as file_name,
            size as file_size,
            cast(last_modified as varchar) as modified_at
        from read_blob({{ _text_list(globs) }})
    ) as listed
    where not regexp_matches(file_name, '(^|/)([.]|_[^=/]*(/|$))')
    {%- endset -%}
    {{ return(query) }}
{% endmacro %}

{#-
    A path whose characters stand for themselves, where DuckDB takes patterns. In a pattern a backslash would part folders:
    there it is the range of characters around it.
-#}
{% macro _glob(path, is_part=false) %}
    {%- set pattern = modules.re.sub('([*?[])', '[\\g<1>]', path) -%}
    {{ return(pattern if pattern == path and not is_part else pattern.replace('\\', '[[-^]')) }}
{% endmacro %}

{% macro _paths(names) %}
    {%- set root, paths = _raw_root(), [] -%}
    {%- for name in names -%}{%- do paths.append(_glob(root ~ name)) -%}{%- endfor -%}
    {{ return(_text_list(paths)) }}
{% endmacro %}

{#- {file name: {column: type}} of Parquet files. What the files are made of is asked once for all, types once a kind. -#}
{% macro _parquet_columns(files) %}
    {%- set kinds, root = {}, _raw_root() -%}
    {%- if files -%}
        {%- for name, kind in run_query(
            "select file_name, string_agg(concat_ws(' ', name, num_children, repetition_type = 'REPEATED', converted_type, "
            ~ "duckdb_type), ', ' order by column_id) from parquet_schema(" ~ _paths(files | map(attribute='file_name'))
            ~ ") group by file_name order by file_name"
        ) -%}
            {%- do kinds.setdefault(kind, []).append(name[root | length:]) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set found = {} -%}
    {%- for names in kinds.values() -%}
        {%- set columns = {} -%}
        {%- for row in run_query("describe select * from read_parquet(" ~ _paths(names[:1]) ~ ", hive_partitioning = false)") -%}
            {%- do columns.update({row[0]: row[1]}) -%}
        {%- endfor -%}
        {%- for name in names -%}{%- do found.update({name: columns}) -%}{%- endfor -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}
