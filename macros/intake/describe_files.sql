{#- What a file is: decided here, once, from its name and its first lines. -#}

{#-
    [{file_name, file_size, modified_at, status, reason, layout, loaded_at}] of files as `listed_files` gives them, each
    with provider and feed. layout: {format, encoding, compression, columns, found, folder_keys}, where `columns`
    are the file's own in order ({name: type} of Parquet), `found` maps canonical names to them (to their number in CSV),
    and `folder_keys` to keys of folders called `key=value`. A file that is not read has the status `not_read` and a reason.
-#}
{% macro _describe_files(files) %}
    {%- set by_kind = {'parquet': [], 'text': []} -%}
    {%- for file in files -%}
        {%- set ending = modules.re.search('[.](parquet|csv|tsv|json|jsonl|ndjson)([.](gz|zst))?$', file.file_name | lower) -%}
        {%- if not ending or ending.group(1) == 'parquet' and ending.group(2) -%}
            {%- do file.update({'status': 'not_read', 'reason': "its name ends in none of " ~ _readable_endings()}) -%}
        {%- elif file.file_size == 0 -%}
            {%- do file.update({'status': 'not_read', 'reason': 'it is empty'}) -%}
        {%- elif _passed_over(file) -%}
            {%- do file.update({'status': 'not_read', 'reason': _passed_over(file)}) -%}
        {%- else -%}
            {%- do file.update({
                'status': 'pending', 'reason': none,
                'format': {'jsonl': 'json', 'ndjson': 'json'}.get(ending.group(1), ending.group(1)),
                'compression': {'gz': 'gzip', 'zst': 'zstd'}.get(ending.group(3), 'none')
            }) -%}
            {%- do by_kind['parquet' if file.format == 'parquet' else 'text'].append(file) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- set described = _parquet_columns(by_kind.parquet) -%}
    {%- for file in by_kind.parquet -%}
        {%- do file.update({'layout': {
            'format': 'parquet', 'encoding': none, 'compression': none, 'columns': described[file.file_name]
        }}) -%}
    {%- endfor -%}

    {%- set aliases = _column_aliases() -%}
    {%- for file in by_kind.text -%}{%- do file.update({'encoding': 'utf-8'}) -%}{%- endfor -%}
    {%- set first = _first_lines(by_kind.text) -%}
    {%- for file in by_kind.text -%}
        {%- do file.update({'first_line': first.get(file.file_name, '\x00')}) -%}
        {%- if '\x00' in file.first_line -%}
            {%- do file.update({'encoding': 'utf-16'}) -%}
            {%- do file.update({'first_line': _first_lines([file]).get(file.file_name, '')}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do _note_mixed_line_ends(by_kind.text) -%}
    {%- for file in by_kind.text -%}
        {%- set layout = {'format': file.format, 'encoding': file.encoding, 'compression': file.compression} -%}
        {%- if file.line_ends -%}{%- do layout.update({'line_ends': file.line_ends}) -%}{%- endif -%}
        {%- if file.format == 'json' -%}
            {%- do file.update({'beside': _json_keys(file, _known_names(file, aliases))}) -%}
            {%- do layout.update({'columns': file.beside.keys() | sort(case_sensitive=true) | list}) -%}
            {%- if not layout.columns or (file.first_line | trim('\ufeff \t\r'))[:1] not in ['{', ''] -%}
                {%- do file.update({'status': 'not_read', 'reason': 'it is not JSON with one object a line'}) -%}
            {%- endif -%}
        {%- else -%}
            {%- do layout.update({'columns': _csv_header(file.first_line, '\t' if file.format == 'tsv' else ',')}) -%}
        {%- endif -%}
        {%- do file.update({'layout': layout}) -%}
    {%- endfor -%}

    {%- for file in files if file.status == 'pending' -%}
        {%- do _match_columns(file, aliases.get((file.provider, file.feed), {})) -%}
    {%- endfor -%}
    {{ return(files) }}
{% endmacro %}

{#- Why a feed does not read a file, by its path below the feed's folder; none where it does. -#}
{% macro _passed_over(file) %}
    {%- set feed = _raw_feed(file.provider, file.feed) -%}
    {%- for pattern, reason in feed.passes_over.items() if modules.re.search(pattern, file.file_name[feed.folder | length:] | lower) -%}
        {{ return(reason) }}
    {%- endfor -%}
{% endmacro %}

{% macro _readable_endings() %}
    {{ return('.parquet, .csv, .tsv, .json, .jsonl, .ndjson (text also .gz or .zst)') }}
{% endmacro %}

{#- [(plain name, canonical name)] of all names that a file's columns may have. -#}
{% macro _known_names(file, aliases) %}
    {%- set names = aliases.get((file.provider, file.feed), {}).items() | list -%}
    {%- for name in _raw_feed(file.provider, file.feed).columns -%}{%- do names.append((_plain_name(name), name)) -%}{%- endfor -%}
    {{ return(names | unique(case_sensitive=true) | list) }}
{% endmacro %}

{#- The names in a header line. -#}
{% macro _csv_header(line, delimiter) %}
    {%- set names = [] -%}
    {%- set cell = '(?:^|' ~ delimiter ~ ')(?:"((?:[^"]|"")*)"|([^' ~ delimiter ~ ']*))' -%}
    {%- for quoted, plain in modules.re.findall(cell, line.lstrip('\ufeff').strip('\r\n')) -%}
        {%- do names.append((quoted.replace('""', '"') or plain) | trim) -%}
    {%- endfor -%}
    {{ return(names) }}
{% endmacro %}
