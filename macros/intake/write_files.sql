{#- Writes what is known of new, changed and gone files. Rows of a changed file that were kept here are dropped. -#}
{% macro _write_files(changes) %}
    {%- set ledger = this -%}
    {%- set rows = _relation_of('state_file_rows') -%}
    {%- set unread = changes.new + changes.changed -%}
    {%- set names = _in_list(unread | map(attribute='file_name')) -%}
    {%- if unread -%}
        {#- a file that can no longer be read is as good as gone: what was read of it stays -#}
        {%- do run_query(
            "delete from " ~ rows ~ " where file_name in " ~ _in_list(
                (unread if flags.FULL_REFRESH else unread | selectattr('status', 'equalto', 'pending')) | map(attribute='file_name')
            )
        ) if flags.FULL_REFRESH or unread | selectattr('status', 'equalto', 'pending') | list -%}
        {%- do run_query("delete from " ~ ledger ~ " where file_name in " ~ names) -%}
    {%- endif -%}
    {%- for batch in unread | batch(500) -%}
        {%- set values = [] -%}
        {%- for file in batch -%}
            {%- do values.append(
                "select " ~ text_literal(file.provider) ~ ", " ~ text_literal(file.feed) ~ ", " ~ text_literal(file.file_name) ~ ", "
                ~ file.file_size ~ ", " ~ text_literal(file.modified_at) ~ ", " ~ text_literal(file.status) ~ ", "
                ~ (text_literal(file.reason) if file.reason else 'null') ~ ", "
                ~ (text_literal(tojson(file.layout)) if file.layout else 'null') ~ ", "
                ~ (file.known_rows if file.status == 'not_read' and file.known_rows and not flags.FULL_REFRESH else 'null')
                ~ ", " ~ _file_loaded_at(file)
            ) -%}
        {%- endfor -%}
        {%- do run_query(
            "insert into " ~ ledger ~ " (provider, feed, file_name, file_size, modified_at, status, reason, layout, row_count, loaded_at) "
            ~ values | join(' union all ')
        ) -%}
    {%- endfor -%}
    {%- set gone = changes.gone | rejectattr('was', 'equalto', 'gone') | list -%}
    {%- if flags.FULL_REFRESH -%}
        {#- everything is read again, and nothing that is gone is missed: there is none, or the loss was accepted -#}
        {%- set lost = _in_list(changes.gone | map(attribute='file_name')) -%}
        {%- for table in [rows, ledger] if changes.gone -%}
            {%- do run_query("delete from " ~ table ~ " where file_name in " ~ lost) -%}
        {%- endfor -%}
    {%- elif gone -%}
        {#- what was not read need not be remembered; what was waiting to be read is lost, and stays to say so -#}
        {%- do run_query(
            "delete from " ~ ledger ~ " where status = 'not_read' and row_count is null and file_name in "
            ~ _in_list(gone | map(attribute='file_name'))
        ) -%}
        {%- do run_query(
            "update " ~ ledger ~ " set status = 'gone' where file_name in "
            ~ _in_list(gone | map(attribute='file_name'))
        ) -%}
    {%- endif -%}
{% endmacro %}

{#-
    When a file landed, for rows that do not say it: the end of the hour or day in its path, if the file is no older than
    that; else its modification time. The last such time in the path counts (`2024-03-01_2024-03-31.csv`). Where paths of a feed
    say something else (`meta.path_says_load_time: false` of its source), the modification time.
-#}
{% macro _file_loaded_at(file) %}
    {%- set modified_at = "cast(cast(" ~ text_literal(file.modified_at) ~ " as timestamptz) as timestamp)" -%}
    {%- set found = modules.re.findall(
        '(20[0-9]{2})[-/_]?(?:month=)?(0[1-9]|1[0-2])[-/_]?(?:day=)?(0[1-9]|[12][0-9]|3[01])(?:'
        ~ '/(?:h=|hour=)?([0-9]{1,2})(?=/)|[T _-]([0-9]{1,2})(?:[0-9]{2}){0,2}(?![0-9-])|([0-9]{2})(?![0-9])|(?![0-9]{3}))',
        file.file_name.replace('year=', '')
    ) -%}
    {%- if not found or not _raw_feed(file.provider, file.feed).path_says_load_time -%}{{ return(modified_at) }}{%- endif -%}
    {%- set year, month, day = found[-1][:3] -%}
    {%- set hour = found[-1][3:] | select | first -%}
    {%- set ends_at = "try_cast('" ~ year ~ '-' ~ month ~ '-' ~ day ~ "' as timestamp) + interval '"
        ~ ((hour | int + 1) ~ ' hours' if hour else '1 day') ~ "'" -%}
    {{ return("case when " ~ ends_at ~ " <= " ~ modified_at ~ " then " ~ ends_at ~ " else " ~ modified_at ~ " end") }}
{% endmacro %}

{#- Keeps the lines of a file that cannot be read; and, unless the file holds events, all its rows. -#}
{% macro _take_in_lines(file) %}
    {%- set rows = _relation_of('state_file_rows') -%}
    {%- set name = text_literal(file.file_name) -%}
    {%- set owner = text_literal(file.provider) ~ ", " ~ text_literal(file.feed) ~ ", " ~ name -%}
    {%- if file.format != 'parquet' -%}
        {%- do run_query(
            "insert into " ~ rows ~ " (provider, feed, file_name, line_number, unreadable_line, error_message) select " ~ owner
            ~ ", line_number, " ~ _kept_line('line_text') ~ ", error_message from ("
            ~ _find_unreadable_lines(file.layout, file.file_name) ~ ")"
        ) -%}
    {%- endif -%}
    {%- if not _raw_feed(file.provider, file.feed).is_events -%}
        {%- set options = '' if file.format == 'parquet' else _reject_options(file.file_name ~ ' rows') -%}
        {%- do _forget_rejects(file.file_name ~ ' rows') -%}
        {%- do run_query(
            "insert into " ~ rows ~ " (provider, feed, file_name, raw_row) select " ~ owner
            ~ ", cast(json_merge_patch('{}', to_json(rows_of_file)) as varchar) from ("
            ~ _file_rows(file.layout, [file.file_name], as_text=true, options=options) ~ ") as rows_of_file"
        ) -%}
        {%- do _forget_rejects(file.file_name ~ ' rows') -%}
        {%- do run_query(
            "update " ~ this ~ " set status = 'read', row_count = (select count(*) from " ~ rows
            ~ " as kept where kept.file_name = " ~ name ~ " and kept.raw_row is not null) where file_name = " ~ name
        ) -%}
    {%- endif -%}
    {%- do _forget_rejects(file.file_name) -%}
{% endmacro %}
