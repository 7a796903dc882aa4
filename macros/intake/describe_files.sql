{#- What a file is: decided here, once, from its name and its first lines. -#}

{#-
    [{file_name, file_size, modified_at, status, reason, layout, loaded_at}] of files as `listed_files` gives them, each
    with provider and feed. layout: {format, encoding, compression, columns, found, folder_keys}, where `columns` are the file's
    own in order ({name: type} of Parquet), `found` maps canonical names to them (to their number in CSV), and `folder_keys` maps canonical names to
    keys of folders called `key=value`. A file that is not read has the status `not_read` and a reason.
-#}
{% macro _describe_files(files) %}
    {%- set by_kind = {'parquet': [], 'text': []} -%}
    {%- for file in files -%}
        {%- set ending = modules.re.search('[.](parquet|csv|tsv|json|jsonl|ndjson)([.](gz|zst))?$', file.file_name | lower) -%}
        {%- if not ending or ending.group(1) == 'parquet' and ending.group(2) -%}
            {%- do file.update({'status': 'not_read', 'reason': "its name ends in none of " ~ _readable_endings()}) -%}
        {%- elif file.file_size == 0 -%}
            {%- do file.update({'status': 'not_read', 'reason': 'it is empty'}) -%}
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

    {%- set first = _first_lines(by_kind.text) -%}
    {%- for file in by_kind.text -%}
        {%- set lines = first.get(file.file_name, ['\x00']) -%}
        {%- set encoding = 'utf-16' if '\x00' in lines[0] else 'utf-8' -%}
        {%- if encoding == 'utf-16' -%}
            {%- set lines = _first_lines([file], encoding).get(file.file_name, ['']) -%}
        {%- endif -%}
        {%- set layout = {'format': file.format, 'encoding': encoding, 'compression': file.compression} -%}
        {%- if file.format == 'json' -%}
            {%- do layout.update({'columns': _json_keys(file, encoding)}) -%}
            {%- if lines[0].lstrip('\ufeff \t')[:1] != '{' -%}
                {%- do file.update({'status': 'not_read', 'reason': 'it is not JSON with one object a line'}) -%}
            {%- endif -%}
        {%- else -%}
            {%- do layout.update({'columns': _csv_header(lines[0], '\t' if file.format == 'tsv' else ',')}) -%}
        {%- endif -%}
        {%- do file.update({'layout': layout}) -%}
    {%- endfor -%}

    {%- set aliases = _column_aliases() -%}
    {%- for file in files if file.status == 'pending' -%}
        {%- do _match_columns(file, aliases.get((file.provider, file.feed), {})) -%}
    {%- endfor -%}
    {{ return(files) }}
{% endmacro %}

{% macro _readable_endings() %}
    {{ return('.parquet, .csv, .tsv, .json, .jsonl, .ndjson (text also .gz or .zst)') }}
{% endmacro %}

{#- Keys of the first hundred objects: they say which other names a file has; the canonical ones are always looked for. -#}
{% macro _json_keys(file, encoding) %}
    {%- set keys = [] -%}
    {%- for line in _first_lines([file], encoding, 100).get(file.file_name, []) -%}
        {%- for key in (fromjson(line.lstrip('\ufeff'), {}) or {}) if key not in keys -%}{%- do keys.append(key) -%}{%- endfor -%}
    {%- endfor -%}
    {{ return(keys) }}
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

{#- A name without case, blanks and marks: `Event At`, `eventAt` and `event_at` are one. -#}
{% macro _plain_name(name) %}{{ return(modules.re.sub('[ _.-]', '', name | lower)) }}{% endmacro %}

{#- {(provider, feed): {plain name of an alias: canonical name}}, of seeds/column_aliases.csv. -#}
{% macro _column_aliases() %}
    {%- set aliases = {} -%}
    {%- set seed = load_relation(_relation_of('column_aliases')) -%}
    {%- for provider, feed, alias, name in run_query(
        "select provider, feed, alias, column_name from " ~ seed ~ " order by 1, 2, 3"
    ) if seed -%}
        {%- do aliases.setdefault((provider, feed), {}).update({_plain_name(alias): name}) -%}
    {%- endfor -%}
    {{ return(aliases) }}
{% endmacro %}

{#-
    Adds `found` and `keys` to a file's layout, or makes it `not_read`. A canonical name is met by the column of that name
    whatever its case; else by the only column that is the same without blanks and marks; else by the only alias that
    is there; else by a folder's key.
-#}
{% macro _match_columns(file, aliases) %}
    {%- set layout = file.layout -%}
    {%- set feed = _raw_feed(file.provider, file.feed) -%}
    {%- set exact, loose, other = {}, {}, {} -%}
    {%- for name in layout.columns -%}
        {%- set place = loop.index if layout.format in ['csv', 'tsv'] else name -%}
        {%- do exact.setdefault(name | lower, []).append(place) -%}
        {%- do loose.setdefault(_plain_name(name), []).append(place) -%}
        {%- do other.setdefault(aliases.get(_plain_name(name)), []).append(place) -%}
    {%- endfor -%}
    {%- set found = {} -%}
    {%- set unclear = [] -%}
    {%- for name in feed.columns -%}
        {%- set choices = exact.get(name) or loose.get(_plain_name(name)) or other.get(name) or [] -%}
        {%- if choices | length == 1 -%}
            {%- do found.update({name: choices[0]}) -%}
        {%- elif choices -%}
            {%- do unclear.append(name) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set keys = {} -%}
    {%- for key in modules.re.findall('/([^/=]+)=[^/]*(?=/)', file.file_name) -%}
        {%- set name = ([key | lower] + [aliases.get(_plain_name(key))]) | select('in', feed.columns) | first -%}
        {%- if name and name not in found and modules.re.fullmatch('[A-Za-z0-9_.-]+', key) -%}{%- do keys.update({name: key}) -%}{%- endif -%}
    {%- endfor -%}
    {%- if layout.format == 'json' -%}
        {%- for name in feed.columns if name not in found and name not in keys -%}{%- do found.update({name: name}) -%}{%- endfor -%}
    {%- endif -%}
    {%- do layout.update({'found': found, 'folder_keys': keys}) -%}
    {%- set present = (exact.keys() | list) + (loose.keys() | list) if layout.format == 'json' else found.keys() | list -%}
    {%- set has = found.keys() | list + keys.keys() | list -%}
    {%- set lacking = [] -%}
    {%- for need in feed.required -%}
        {%- set choices = [need] if need is string else need -%}
        {%- set is_there = choices | select('in', has) | list -%}
        {%- if layout.format == 'json' -%}
            {#- all names are looked for in JSON; the first hundred objects must have one of them -#}
            {%- set seen = [] -%}
            {%- for name in is_there if name in keys or exact.get(name) or loose.get(_plain_name(name)) or other.get(name) -%}{%- do seen.append(name) -%}{%- endfor -%}
            {%- set is_there = seen -%}
        {%- endif -%}
        {%- if not is_there -%}{%- do lacking.append(choices) -%}{%- endif -%}
    {%- endfor -%}
    {%- if lacking -%}
        {%- set texts = [] -%}
        {%- for choices in lacking -%}
            {%- set near = _likeliest_name(choices[0], layout.columns | list) -%}
            {%- do texts.append("'" ~ choices | join("' or '") ~ "'" ~ (" (is it '" ~ near ~ "'?)" if near else "")) -%}
        {%- endfor -%}
        {%- do file.update({'status': 'lacks_columns', 'reason':
            "it has no column " ~ texts | join(', no ') ~ "; it has: " ~ layout.columns | list | join(', ') | truncate(300)
        }) -%}
    {%- endif -%}
    {%- if unclear -%}
        {%- do file.update({'unclear': unclear}) -%}
    {%- endif -%}
{% endmacro %}

{#- The name of a list that is most like another: by the pairs of letters that both have; none if they have few. -#}
{% macro _likeliest_name(wanted, names) %}
    {%- set best = {'name': none, 'score': 0.45} -%}
    {%- set pairs = _letter_pairs(_plain_name(wanted)) -%}
    {%- for name in names -%}
        {%- set others = _letter_pairs(_plain_name(name)) -%}
        {%- set common = pairs | select('in', others) | list | length -%}
        {%- set score = 2 * common / ([pairs | length + others | length, 1] | max) -%}
        {%- if score > best.score -%}{%- do best.update({'name': name, 'score': score}) -%}{%- endif -%}
    {%- endfor -%}
    {{ return(best.name) }}
{% endmacro %}

{% macro _letter_pairs(text) %}
    {%- set pairs = [] -%}
    {%- for place in range([text | length - 1, 0] | max) -%}{%- do pairs.append(text[place:place + 2]) -%}{%- endfor -%}
    {{ return(pairs | unique | list) }}
{% endmacro %}

{#-
    What a raw feed is, as its source in models/staging/<provider>/ says: {columns, required, is_events, folder}. `required`
    holds names, or lists of names of which one is enough.
-#}
{% macro _raw_feed(provider, feed) %}
    {%- for node in graph.sources.values() if node.source_name == provider and node.name == feed -%}
        {%- set meta = node.config.meta or node.meta -%}
        {{ return({
            'columns': node.columns.keys() | list,
            'required': meta.get('required', []),
            'is_events': meta.get('is_events', false),
            'folder': ('' if provider == 'generic' else provider ~ '/') ~ feed
        }) }}
    {%- endfor -%}
{% endmacro %}

{#- [(provider, feed)] of all providers in use. -#}
{% macro _raw_feeds() %}
    {%- set feeds = [] -%}
    {%- for node in graph.sources.values() if node.source_name in var('providers') -%}
        {%- do feeds.append((node.source_name, node.name)) -%}
    {%- endfor -%}
    {{ return(feeds | unique | sort) }}
{% endmacro %}

{#- raw_path with one slash at its end; `~` is the home folder. -#}
{% macro _raw_root() %}
    {%- set path = var('raw_path') | string -%}
    {%- if path == '~' or path.startswith('~/') -%}
        {%- set path = env_var('HOME', '~') ~ path[1:] -%}
    {%- endif -%}
    {{ return(path.rstrip('/') ~ '/') }}
{% endmacro %}
