{#- Judges the folder `raw_path` without building anything; an operation. -#}
{% macro check_input(folder=none) %}
    {%- do _require(reads_files(), 'check_input', "set the variable raw_path to the folder to look at") -%}
    {#- not the variable: dbt would parse the project again for each new folder -#}
    {%- do run_cache().update({'checked_folder': folder}) -%}
    {%- set changes = _file_changes() -%}
    {%- set files = changes.new + changes.changed -%}
    {%- set bad, advice, said = [], [], {'unused': {}, 'event_names': {}} -%}
    {%- set known = {} -%}
    {%- set ledger = load_relation(_relation_of('state_files')) -%}
    {%- for provider, count in (run_query(
        "select provider, count(*) from " ~ ledger ~ " where status in ('read', 'pending') group by 1"
    ).rows if ledger else []) -%}
        {%- do known.update({provider: count | int}) -%}
    {%- endfor -%}
    {%- do print("Looking at " ~ _raw_root() ~ ": " ~ files | length ~ " file(s) to read or to name"
        ~ (", " ~ known.values() | sum ~ " known to the database already" if known else "")) -%}
    {%- for file in files[:200] -%}
        {%- if file.status != 'pending' -%}
            {%- do print("  " ~ file.file_name ~ ": " ~ _said_once(said, file.status ~ ", " ~ file.reason, file.file_name)) -%}
            {%- if file.status == 'lacks_columns' -%}
                {%- do bad.append(file.file_name) -%}
                {%- do advice.append("Where a column has another name, add it to seeds/column_aliases.csv, or rename the column") -%}
            {%- endif -%}
        {%- else -%}
            {%- do _check_file(file, said) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for provider in _event_providers() -%}
        {%- set events = [] -%}
        {#- what lacks columns is in its place, and named above -#}
        {%- for file in files if file.provider == provider and file.status in ['pending', 'lacks_columns']
            and _raw_feed(provider, file.feed).is_events -%}
            {%- do events.append(file) -%}
        {%- endfor -%}
        {%- if not events and provider not in known -%}
            {%- do bad.append(provider) -%}
            {%- do print("  there are " ~ _no_events_of(provider)) -%}
            {%- do advice.append(_where_events_go(provider)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do _say_event_names(said.event_names) -%}
    {%- for text in _folders_not_read() -%}{%- do print("  " ~ text) -%}{%- endfor -%}
    {%- for feed, texts in said.unused.items() -%}
        {%- do print("not used of " ~ feed ~ ": " ~ texts.values() | join(', ') | truncate(1000)) -%}
    {%- endfor -%}
    {%- set names = bad | unique | list -%}
    {%- do _require(
        not bad, 'check_input', "not ready to build: " ~ names[:3] | join(', ')
        ~ (" and " ~ (names | length - 3) ~ " more" if names | length > 3 else "")
        ~ ". " ~ advice | unique | join('. ')
    ) -%}
    {%- set vars = dict(invocation_args_dict.get('vars') or {}, **({'raw_path': folder} if folder else {})) -%}
    {%- do print("Ready: dbt build --vars '" ~ tojson(vars).replace("'", "'\\''") ~ "'") -%}
{% endmacro %}

{#- A text, or which file it was said of before. -#}
{% macro _said_once(said, text, file_name) %}
    {%- set before = said.get(text) -%}
    {%- do said.update({text: before or file_name}) -%}
    {{ return("as " ~ before if before else text) }}
{% endmacro %}

{#- Says how a file is read: its columns, lines that cannot be read, and of events what would be refused first. -#}
{% macro _check_file(file, said) %}
    {%- set taken, layout = [], file.layout -%}
    {%- for name, own in _own_names(layout).items() -%}
        {%- do taken.append(name if own == [name] else name ~ " (from '" ~ own | join("', '") ~ "')") -%}
    {%- endfor -%}
    {%- do taken.extend(layout.folder_keys) -%}
    {%- set unread = [] -%}
    {%- if layout.format != 'parquet' -%}
        {%- set unread = run_query(_find_unreadable_lines(layout, file.file_name) ~ " order by 1 limit 3").rows -%}
    {%- endif -%}
    {%- set options = _reject_options(file.file_name) if unread else '' -%}
    {%- do _forget_rejects(file.file_name) if not unread -%}
    {%- set rows = "(" ~ _file_rows(layout, [file.file_name], as_text=true, options=options) ~ ") as rows_of_file" -%}
    {%- set count = run_query("select count(*) from " ~ rows).rows[0][0] -%}
    {%- set used, feed = _own_names(layout), _raw_feed(file.provider, file.feed) -%}
    {%- for name in layout.columns if name not in used.values() | sum(start=[]) -%}
        {%- set near = _likeliest_name(name, feed.columns | reject('in', used) | reject('in', layout.folder_keys)) -%}
        {%- do said.unused.setdefault(feed.folder, {}).update({name: name ~ (" (is it " ~ near ~ "?)" if near else "")}) -%}
    {%- endfor -%}
    {%- set columns = "columns " ~ taken | join(', ')
        ~ ("" if 'loaded_at' in taken | join(' ') else "; loaded_at from the path or the file's time") -%}
    {%- do print("  " ~ file.file_name ~ ": " ~ count ~ " row(s); " ~ _said_once(said, columns, file.file_name)) -%}
    {%- if count in feed.row_limits -%}
        {%- do print("    probably cut: as many rows as the export gives at most") -%}
    {%- endif -%}
    {%- for name in file.unclear or [] -%}
        {%- do print("    " ~ name ~ ": several columns could be it, so none is taken") -%}
    {%- endfor -%}
    {%- for number, line, message in unread -%}
        {%- do print("    line " ~ number ~ " cannot be read (" ~ message ~ "): " ~ line | string | truncate(120)) -%}
    {%- endfor -%}
    {%- if feed.is_events and 'event_name' in layout.found -%}
        {%- set counts = said.event_names.setdefault(file.provider, {}) -%}
        {%- for name, rows_of_name in run_query(
            "select trim(event_name), count(*) from " ~ rows ~ " where event_name is not null group by 1 order by 2 desc limit 1000"
        ).rows -%}
            {%- do counts.update({name: counts.get(name, 0) + rows_of_name | int}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if 'event_at' in layout.found -%}
        {%- set row = run_query(
            "select count(*), min(event_at) from (select event_at, " ~ parse_timestamp('time_text', 'varchar')
            ~ " as parsed from (select event_at, " ~ offset_time_text('event_at') ~ " as time_text from (select trim(event_at) "
            ~ "as event_at from " ~ rows ~ ") as texts) as times) as parsed_times where parsed is null"
        ).rows[0] -%}
        {%- if row[0] -%}
            {%- do print("    " ~ row[0] ~ " row(s) have no event_at that can be read, for instance '" ~ row[1] ~ "'") -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{#- The ten most frequent names of events of each provider, and what each is taken for. -#}
{% macro _say_event_names(names_of_providers) %}
    {%- set seed = load_relation(_relation_of('event_types')) -%}
    {%- for provider, counts in names_of_providers.items() if seed -%}
        {%- set types, texts = {}, [] -%}
        {%- for name, type in run_query(
            "select event_name, event_type from " ~ seed ~ " where provider = " ~ text_literal(provider)
        ).rows -%}
            {%- do types.update({name: type}) -%}
        {%- endfor -%}
        {%- for name, count in (counts.items() | sort(attribute='1', reverse=true))[:10] -%}
            {%- set type = types.get(name, types.get('*', 'in_app_event')) -%}
            {%- do texts.append(
                name | truncate(80) ~ " " ~ _grouped(count) ~ " (" ~ ('other event' if type == 'in_app_event' else type) ~ ")"
            ) -%}
        {%- endfor -%}
        {%- do print("names of events of " ~ provider ~ ", and what each is taken for: " ~ texts | join(', ')) -%}
    {%- endfor -%}
{% endmacro %}
