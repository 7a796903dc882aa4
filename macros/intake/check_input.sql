{#- What stops a run before anything is read: another input, files without needed columns, loads that would be lost. -#}

{#- A database holds one input. -#}
{% macro _check_same_input(input) %}
    {%- set ledger = load_relation(_relation_of('state_files')) -%}
    {%- set known = _input_held() -%}
    {%- if known and known != input and not var('accept_lost_loads') -%}
        {#- files may have been moved as a whole: then some of them are found again -#}
        {%- set is_moved = known.startswith('files in ') and input.startswith('files in ') and run_query(
            "select 1 from " ~ ledger ~ " as known inner join (" ~ _listed_files(_feed_folders()) ~ ") as listed "
            ~ "on known.file_name = listed.file_name limit 1"
        ).rows | length > 0 -%}
        {%- do _require(is_moved, 'int_event_log',
            "the database " ~ target.get('path', target.database) ~ " holds " ~ known ~ ", and this run reads " ~ input
            ~ ". Give each input a database of its own (DUCKDB_PATH=own.duckdb dbt build …), or check --vars"
            ~ " if the input was meant to be the same"
        ) -%}
    {%- endif -%}
    {%- if known != input -%}
        {%- do run_query("delete from " ~ this ~ " where feed is null") -%}
        {#- all columns: Spark fills none by itself -#}
        {%- do run_query(
            "insert into " ~ this ~ " (provider, feed, file_name, file_size, modified_at, status, reason, layout, row_count, "
            ~ "rejected_count, loaded_at) values (null, null, null, null, null, 'input', " ~ text_literal(input)
            ~ ", null, null, null, null)"
        ) -%}
    {%- endif -%}
{% endmacro %}

{#- Which input the database holds, as a text; none if that is not known. -#}
{% macro _input_held() %}
    {%- set ledger = load_relation(_relation_of('state_files')) -%}
    {%- if not ledger -%}{{ return(none) }}{%- endif -%}
    {{ return((asked_rows(_input_query(ledger)) | first or [none])[0]) }}
{% endmacro %}

{% macro _input_query(ledger) %}{{ return("select reason from " ~ ledger ~ " where feed is null") }}{% endmacro %}

{% macro _feed_folders() %}
    {%- set folders = [] -%}
    {%- for provider, feed in _raw_feeds() -%}{%- do folders.append(_raw_feed(provider, feed).folder) -%}{%- endfor -%}
    {{ return(folders) }}
{% endmacro %}

{#- One message for all files that lack a needed column; and one where there are no events at all. -#}
{% macro _check_columns(changes) %}
    {%- set texts = [] -%}
    {%- for file in changes.new + changes.changed if file.status == 'lacks_columns' -%}
        {%- do texts.append(_raw_root() ~ file.file_name ~ ': ' ~ file.reason) -%}
    {%- endfor -%}
    {%- do _require(
        not texts, 'raw_path',
        texts | length ~ " file(s) lack a column that is required:\n  " ~ texts[:20] | join('\n  ')
        ~ "\n  Rename the column, or list its name in seeds/column_aliases.csv. What is the same for a whole folder may be its name:"
        ~ " put the files into a folder app_id=com.example.game/, and app_id is a column"
    ) -%}
    {%- for provider in _event_providers() -%}
        {%- set readable = changes.new + changes.changed -%}
        {%- set found = readable | selectattr('provider', 'equalto', provider) | selectattr('feed', 'in', _event_feeds(provider))
            | selectattr('status', 'equalto', 'pending') | list -%}
        {%- set known = run_query(
            "select 1 from " ~ this ~ " where provider = " ~ text_literal(provider) ~ " and status <> 'not_read' limit 1"
        ).rows | length -%}
        {%- do _require(
            found or known, 'raw_path', "there are " ~ _no_events_of(provider) ~ ". " ~ _where_events_go(provider)
        ) -%}
    {%- endfor -%}
{% endmacro %}

{#- [feed] of a provider's events, those first that say what they need. -#}
{% macro _event_feeds(provider) %}
    {%- set feeds = [] -%}
    {%- for owner, feed in _raw_feeds() if owner == provider and _raw_feed(owner, feed).is_events -%}
        {%- do feeds.insert(0 if _raw_feed(owner, feed).required else feeds | length, feed) -%}
    {%- endfor -%}
    {{ return(feeds) }}
{% endmacro %}

{% macro _no_events_of(provider) %}
    {{ return(
        "no events of provider '" ~ provider ~ "' to read: " ~ _raw_root() ~ _raw_feed(provider, _event_feeds(provider)[0]).folder
        ~ " holds no file that ends in " ~ _readable_endings() ~ " and has content. " ~ _what_is_there()
    ) }}
{% endmacro %}

{#- What to do where a provider has no events: where its files go, or which folder or provider may be meant. -#}
{% macro _where_events_go(provider) %}
    {%- set root = _raw_root() -%}
    {%- set folder = _raw_feed(provider, _event_feeds(provider)[0]).folder ~ '/' -%}
    {%- for end in [folder, provider ~ '/'] if root.endswith('/' ~ end) -%}
        {%- set above = root[:-(end | length)] -%}
        {{ return(
            "Files of provider '" ~ provider ~ "' are expected in " ~ folder ~ " of the folder that is given: have them in " ~ above
            ~ folder ~ ", and give " ~ above
        ) }}
    {%- endfor -%}
    {%- set others = [] -%}
    {%- for other in _known_providers() if other not in var('providers') and run_query(
        "select 1 from glob(" ~ text_literal(_glob(root ~ other, is_part=true) ~ '/**/*') ~ ") limit 1"
    ).rows | length -%}
        {%- do others.append(other) -%}
    {%- endfor -%}
    {{ return(
        "There are folders of other providers: name those that are meant in providers (of make: PROVIDERS='" ~ tojson(others) ~ "')"
        if others else
        "Files of provider '" ~ provider ~ "' are expected in " ~ root ~ folder ~ ", in folders below it as you like"
    ) }}
{% endmacro %}

{#- What is in raw_path, in a sentence. -#}
{% macro _what_is_there() %}
    {%- set root = _raw_root() -%}
    {%- set names = run_query(
        "select file from glob(" ~ text_literal(_glob(root, is_part=true) ~ '**/*') ~ ") limit 2000"
    ).columns[0].values() -%}
    {%- if not names -%}
        {{ return("There is nothing in " ~ root ~ ": is the path right? It has to be absolute, or relative to where dbt runs") }}
    {%- endif -%}
    {%- set counts = {} -%}
    {%- for name in names -%}
        {%- set parts = name[root | length:].split('/') -%}
        {%- set ending = '.' ~ name.rpartition('.')[2] if '.' in parts[-1] else 'no ending' -%}
        {%- set place = (parts[0] ~ '/' if parts | length > 1 else 'itself') ~ ' (' ~ ending ~ ')' -%}
        {%- do counts.update({place: counts.get(place, 0) + 1}) -%}
    {%- endfor -%}
    {%- set texts = [] -%}
    {%- for place, count in counts.items() -%}{%- do texts.append(place ~ ': ' ~ count) -%}{%- endfor -%}
    {{ return("Files that are there: " ~ texts[:12] | join(', ')) }}
{% endmacro %}

{#- A full refresh reads all of raw again: what raw does not hold any more would be gone. -#}
{% macro _check_nothing_is_lost(changes) %}
    {%- if flags.FULL_REFRESH and not var('accept_lost_loads') -%}
        {%- set lost = (
            changes.gone | selectattr('was', 'in', ['read', 'gone', 'pending']) | list
            + changes.changed | selectattr('status', 'equalto', 'not_read') | selectattr('known_rows') | list
        ) | map(attribute='file_name') | list -%}
        {%- do _require(not lost, '--full-refresh', _gone_loads_message(lost, "file(s) in " ~ _raw_root())) -%}
    {%- endif -%}
{% endmacro %}

{% macro _gone_loads_message(lost, what) %}
    {{ return(
        lost | length ~ " " ~ what ~ " were loaded and cannot be read any more; a full refresh would lose their rows: "
        ~ lost[:10] | join(', ') ~ (", …" if lost | length > 10 else "")
        ~ ". Put them back, or accept the loss: dbt build --full-refresh --vars '"
        ~ tojson(dict(invocation_args_dict.get('vars') or {}, accept_lost_loads=true)) ~ "'"
    ) }}
{% endmacro %}
