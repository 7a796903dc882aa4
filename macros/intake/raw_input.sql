{#- Where a provider's feed is read from, as a dictionary of `sql` and `columns` ({canonical name: type}). -#}
{% macro raw_input(provider, feed) %}
    {%- do ref('column_aliases') -%}
    {%- set nothing = {'sql': "select 1 as nothing where 1 = 0", 'columns': {}} -%}
    {%- if reads_files() -%}
        {%- do ref('state_files') -%}
        {%- do ref('state_file_rows') -%}
        {{ return(_raw_files(provider, feed) if execute else nothing) }}
    {%- elif var('raw_schema') -%}
        {%- set relation = source(provider, feed) -%}
    {%- elif var('use_sample') and provider in _providers_with('sample') -%}
        {%- set relation = ref('sample_' ~ provider ~ '_' ~ feed) -%}
    {%- elif execute -%}
        {{ exceptions.raise_compiler_error(
            "raw_input: there is nothing to read for provider '" ~ provider ~ "': set raw_path (a folder of files) or "
            ~ "raw_schema (tables of the warehouse)"
            ~ (", or use_sample: true" if provider in _providers_with('sample') else "; the bundled sample has none of its rows")
        ) }}
    {%- endif -%}
    {{ return(_raw_table(relation, provider, feed) if execute else nothing) }}
{% endmacro %}

{#- A table's columns by their canonical names; others are none of a run's business. -#}
{% macro _raw_table(relation, provider, feed) %}
    {%- set wanted = _raw_feed(provider, feed) -%}
    {%- if relation.identifier.endswith('*') -%}{{ return(sharded_tables(relation, wanted)) }}{%- endif -%}
    {%- set found = load_relation(relation) -%}
    {%- if found is none -%}
        {%- do _require(
            not wanted.required or not wanted.is_events, 'raw_input',
            "the table " ~ relation ~ " of provider '" ~ provider ~ "' does not exist"
        ) -%}
        {{ return({'sql': 'select nothing from (select 1 as nothing) as no_rows where 1 = 0', 'columns': {}}) }}
    {%- endif -%}
    {%- set types = {} -%}
    {%- for column in known_columns(relation) -%}{%- do types.update({column.name: column.data_type}) -%}{%- endfor -%}
    {%- set table = {
        'provider': provider, 'feed': feed, 'file_name': '', 'status': 'pending', 'layout': {'format': 'table', 'columns': types}
    } -%}
    {%- do _match_columns(table, _column_aliases().get((provider, feed), {})) -%}
    {%- do _require(table.status == 'pending', relation, table.reason) -%}
    {%- set columns, texts = {}, [] -%}
    {%- for name, place in table.layout.found.items() -%}
        {%- set is_nested, others = _is_nested(types[place]), table.layout.get('also', {}).get(name, []) -%}
        {%- do columns.update({name: dbt.type_string() if is_nested or others else types[place]}) -%}
        {%- set value = _value_of_any_type([place] + others, types) if others
            else nested_as_json(identifier(place)) if is_nested else identifier(place) -%}
        {%- do texts.append(value ~ ' as ' ~ name) -%}
    {%- endfor -%}
    {{ return({'sql': 'select ' ~ texts | join(', ') ~ ' from ' ~ relation, 'columns': columns}) }}
{% endmacro %}

{#- Events are read from the files, other feeds from what was kept of theirs: files may be archived. -#}
{% macro _raw_files(provider, feed) %}
    {%- set wanted = _raw_feed(provider, feed) -%}
    {#- the log asks, too, and reads no rows of state_file_rows -#}
    {%- set find = _relation_of if model.name == 'int_event_log' else ref -%}
    {%- set ledger, kept = load_relation(find('state_files')), load_relation(find('state_file_rows')) -%}
    {%- do _require(
        (ledger and kept) or flags.WHICH not in ['run', 'build', 'retry'] or flags.EMPTY, 'raw_input',
        "which files there are is not known yet; build what comes before it, too: dbt build -s +" ~ model.name
    ) -%}
    {%- set of_feed = " where provider = " ~ text_literal(provider) ~ " and feed = " ~ text_literal(feed) -%}
    {%- set parts = [] -%}
    {%- if ledger and kept and not wanted.is_events -%}
        {%- if not run_query("select 1 from " ~ kept ~ of_feed ~ " limit 1").rows -%}
            {#- whoever has no such feed pays nothing for it -#}
            {{ return({'sql': 'select 1 as nothing where 1 = 0', 'columns': {}}) }}
        {%- endif -%}
        {%- set columns, texts = {}, [] -%}
        {%- for name in wanted.columns -%}
            {%- do texts.append("json_extract_string(rows_of_feed.raw_row, '$." ~ name ~ "') as " ~ name) -%}
            {%- do columns.update({name: 'VARCHAR'}) -%}
        {%- endfor -%}
        {%- do columns.update({'file_name': 'VARCHAR', '_file_loaded_at': 'TIMESTAMP', '_unreadable_line': 'VARCHAR'}) -%}
        {{ return({'columns': columns, 'sql':
            "select " ~ texts | join(', ') ~ ", rows_of_feed.file_name, files.loaded_at as _file_loaded_at, "
            ~ "rows_of_feed.unreadable_line as _unreadable_line from " ~ kept ~ " as rows_of_feed inner join " ~ ledger
            ~ " as files on rows_of_feed.file_name = files.file_name where rows_of_feed.provider = " ~ text_literal(provider)
            ~ " and rows_of_feed.feed = " ~ text_literal(feed)
        }) }}
    {%- endif -%}
    {%- set unreadable = run_query(
        "select distinct file_name from " ~ kept ~ of_feed ~ " and unreadable_line is not null"
    ).columns[0].values() | list if kept else [] -%}
    {%- for group in (_layouts(ledger, of_feed) if ledger else []) -%}
        {%- do parts.extend(_parts_of_layout(group, unreadable, ledger)) -%}
    {%- endfor -%}
    {%- if unreadable -%}
        {%- do parts.append({
            'columns': {'_unreadable_line': 'VARCHAR', '_file_loaded_at': 'TIMESTAMP', 'file_name': 'VARCHAR'},
            'sql': "select lines.unreadable_line as _unreadable_line, files.loaded_at as _file_loaded_at, "
                ~ text_literal(_raw_root()) ~ " || lines.file_name as file_name from " ~ kept ~ " as lines inner join " ~ ledger
                ~ " as files on lines.file_name = files.file_name and files.status in ('pending', 'read') where lines.provider = "
                ~ text_literal(provider) ~ " and lines.feed = " ~ text_literal(feed) ~ " and lines.unreadable_line is not null"
        }) -%}
    {%- endif -%}
    {%- if not parts -%}
        {{ return({'sql': 'select 1 as nothing where 1 = 0', 'columns': {}}) }}
    {%- endif -%}
    {%- set found = _united(parts) -%}
    {#- a text in the view by which int_event_log knows whether the view was made of these files, whatever the database is called -#}
    {%- do found.update({'digest': definition_of(found.sql)}) -%}
    {%- do found.update({'sql': "select * from (" ~ found.sql ~ ") where '" ~ found.digest ~ "' <> ''"}) -%}
    {%- if model.name != 'int_event_log' -%}{%- do run_cache().update({'read ' ~ provider ~ '.' ~ feed: found.digest}) -%}{%- endif -%}
    {{ return(found) }}
{% endmacro %}

{#-
    For int_event_log, which marks files as read: the views of staging must be made of the files that state_files has found.
    They are not where a run chose the log without them, after a run that did not come as far as they are.
-#}
{% macro _check_staging_reads_new_files() %}
    {%- for provider, feed in run_query(
        "select distinct provider, feed from " ~ ref('state_files') ~ " where status = 'pending' and provider in "
        ~ _in_list(var('providers')) ~ " order by 1, 2"
    ) if 'read ' ~ provider ~ '.' ~ feed not in run_cache() -%}
        {%- set view = ref('stg_' ~ provider ~ '__events') -%}
        {%- set views = run_query(
            "select coalesce(string_agg(sql, ' '), '') from duckdb_views() where database_name = " ~ text_literal(view.database)
            ~ " and schema_name = " ~ text_literal(view.schema) ~ " and starts_with(view_name, 'stg_" ~ provider ~ "__')"
        ).rows[0][0] -%}
        {%- do _require(
            not views or _raw_files(provider, feed).digest in views, 'int_event_log', "there are new files of provider '"
            ~ provider ~ "' that its staging view does not read yet: build what comes before it, too: dbt build -s +int_event_log+"
        ) -%}
    {%- endfor -%}
{% endmacro %}
