{#-
    The hook of state_files: looks what is in the folders, and writes down what is new, changed, gone or not read. A file
    that it knows is not opened. Rows of events are left to int_event_log, which marks their files as read in the
    transaction in which it holds their rows; rows of all other feeds are kept here, in state_file_rows.
-#}
{% macro take_in_files() %}
    {%- if not execute or flags.WHICH not in ['run', 'build', 'retry'] or flags.EMPTY -%}
        {{ return(nothing_to_send()) }}
    {%- endif -%}
    {%- set input = _input_name() -%}
    {%- do _check_same_input(input) -%}
    {%- if reads_files() -%}
        {%- set changes = _file_changes() -%}
        {%- do _check_nothing_is_lost(changes) -%}
        {%- do _check_columns(changes) -%}
        {%- do _say_names_taken(changes.new + changes.changed) -%}
        {%- set unread = changes.new + changes.changed -%}
        {%- do _write_files(changes) -%}
        {%- for file in unread if file.status == 'pending' -%}
            {%- do _take_in_lines(file) -%}
        {%- endfor -%}
        {%- do _erase_kept_lines() -%}
    {%- endif -%}
    {{ return(nothing_to_send()) }}
{% endmacro %}

{#- What this run reads: the sample, files, or tables of a schema. -#}
{% macro _input_name() %}
    {{ return(
        'files in ' ~ _raw_root() if var('raw_path')
        else 'tables of ' ~ [var('raw_database'), var('raw_schema')] | select | join('.') if var('raw_schema')
        else 'the bundled sample'
    ) }}
{% endmacro %}

{#-
    {new, changed, gone}: the files of the feeds in use that differ from what state_files says, described.
-#}
{% macro _file_changes() %}
    {%- set ledger = load_relation(_relation_of('state_files')) -%}
    {%- set folders = {} -%}
    {%- for provider, feed in _raw_feeds() -%}
        {%- do folders.update({_raw_feed(provider, feed).folder ~ '/': (provider, feed)}) -%}
    {%- endfor -%}
    {%- set known -%}
        {%- if ledger -%}
        select file_name, file_size, modified_at, status, provider, row_count from {{ ledger }} where feed is not null
        {%- else -%}
        select '' as file_name, 0 as file_size, '' as modified_at, '' as status, '' as provider, 0 as row_count where 1 = 0
        {%- endif -%}
    {%- endset -%}
    {%- set changes = {'new': [], 'changed': [], 'gone': []} -%}
    {#- a full refresh reads all of them again -#}
    {%- set differs = '1 = 1' if flags.FULL_REFRESH else
        "known.file_name is null or listed.file_name is null and known.status <> 'gone' "
        ~ "or listed.file_name is not null and known.status = 'gone' "
        ~ "or listed.file_size <> known.file_size or listed.modified_at <> known.modified_at" -%}
    {%- for name, size, modified_at, status, gone, known_rows in run_query(
        "select coalesce(listed.file_name, known.file_name), listed.file_size, listed.modified_at, known.status, "
        ~ "listed.file_name is null, coalesce(known.row_count, 0) from ("
        ~ _listed_files(folders.keys() | map('trim', '/') | list) ~ ") as listed "
        ~ "full outer join (select * from (" ~ known ~ ") where provider in " ~ _in_list(var('providers'))
        ~ ") as known on listed.file_name = known.file_name where " ~ differs ~ " order by 1"
    ) -%}
        {%- set file = {'file_name': name, 'file_size': size | int, 'modified_at': modified_at | string, 'was': status,
            'known_rows': known_rows | int} -%}
        {%- set owner = _feed_of(name, folders) -%}
        {%- do file.update({'provider': owner[0], 'feed': owner[1]}) -%}
        {%- if gone -%}
            {%- do changes.gone.append(file) -%}
        {%- else -%}
            {%- do changes['new' if status is none else 'changed'].append(file) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do _describe_files(changes.new + changes.changed) -%}
    {{ return(changes) }}
{% endmacro %}

{% macro _feed_of(name, folders) %}
    {%- for folder, feed in folders.items() if name.startswith(folder) -%}{{ return(feed) }}{%- endfor -%}
{% endmacro %}
