{#-
    [{layout, names}]: files that are there and can be read, by what their rows are selected with. Before all others comes the
    newest: DuckDB opens the first of a list for its columns, whatever is read then, and the newest is read anyway.
-#}
{% macro _layouts(ledger, of_feed) %}
    {%- set groups = {} -%}
    {%- for name, text in run_query(
        "select file_name, layout from " ~ ledger ~ of_feed ~ " and status in ('pending', 'read') order by "
        ~ "row_number() over (partition by layout order by modified_at desc, file_name desc) > 1, file_name"
    ) -%}
        {%- set group = groups.get(text) -%}
        {%- if group is none -%}
            {%- set layout = fromjson(text) -%}
            {%- set group = groups.setdefault(text, {'layout': layout, 'names': []}) -%}
        {%- endif -%}
        {%- do group.names.append(name) -%}
    {%- endfor -%}
    {{ return(groups.values() | list) }}
{% endmacro %}

{#- Queries over the files of one layout; a file with lines that cannot be read is read by itself. -#}
{% macro _parts_of_layout(group, unreadable, ledger) %}
    {%- set layout = group.layout -%}
    {%- set columns = {} -%}
    {%- for name, place in layout.found.items() -%}
        {%- do columns.update({
            name: layout.columns[place] if layout.format == 'parquet' and not _is_nested(layout.columns[place])
                and name not in layout.get('also', {}) else 'VARCHAR'
        }) -%}
    {%- endfor -%}
    {%- for name in layout.folder_keys -%}{%- do columns.update({name: 'VARCHAR'}) -%}{%- endfor -%}
    {%- do columns.update({'file_name': 'VARCHAR'}) -%}
    {%- set parts = [] -%}
    {%- set whole = group.names | reject('in', unreadable) | list -%}
    {%- if whole -%}{%- do parts.append({'sql': _file_rows(layout, whole), 'columns': columns}) -%}{%- endif -%}
    {%- for name in group.names if name in unreadable -%}
        {%- do parts.append({'sql': _file_rows(layout, [name], options=_reject_options(name)), 'columns': columns}) -%}
    {%- endfor -%}
    {#- rows that do not say when they were loaded: their file does; where few rows can be such, the others meet nothing -#}
    {%- set file_of_row = 'rows_of_file.file_name' if _is_text(columns.get('loaded_at', 'VARCHAR'))
        else 'case when rows_of_file.loaded_at is null then rows_of_file.file_name end' -%}
    {%- for part in parts -%}
        {%- do part.update({
            'columns': dict(columns, _file_loaded_at='TIMESTAMP'),
            'sql': "select rows_of_file.*, files.loaded_at as _file_loaded_at from (" ~ part.sql ~ ") as rows_of_file "
                ~ "left join (select " ~ text_literal(_raw_root()) ~ " || file_name as path, loaded_at from " ~ ledger
                ~ ") as files on " ~ file_of_row ~ " = files.path"
        }) -%}
    {%- endfor -%}
    {{ return(parts) }}
{% endmacro %}

{#- The parts as one query; a column of several types is text in all of them, and staging reads it as such. -#}
{% macro _united(parts) %}
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
        {%- for name in mixed if part.columns.get(name, 'VARCHAR') != 'VARCHAR' -%}
            {%- do casts.append(whole_number_text(identifier(name), part.columns[name]) ~ ' as ' ~ identifier(name)) -%}
        {%- endfor -%}
        {%- do queries.append(
            'select * replace (' ~ casts | join(', ') ~ ') from (' ~ part.sql ~ ')' if casts else part.sql
        ) -%}
    {%- endfor -%}
    {%- for name in mixed -%}{%- do columns.update({name: 'VARCHAR'}) -%}{%- endfor -%}
    {{ return({'sql': queries | join(' union all by name '), 'columns': columns}) }}
{% endmacro %}
