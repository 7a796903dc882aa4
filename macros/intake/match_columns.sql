{#- Which column of a file or table stands for which canonical one. -#}

{#- A name without case, blanks, marks and braces: `Event At`, `eventAt`, `event_at`, `{event_at}`, `_event_at_` are one. -#}
{% macro _plain_name(name) %}{{ return(modules.re.sub('[] _.|{}[-]', '', name | lower)) }}{% endmacro %}

{#- {(provider, feed): {plain name of an alias: canonical name}}, of seeds/column_aliases.csv. -#}
{% macro _column_aliases() %}
    {#- whoever reads tables comes after the seed -#}
    {%- set cache = {} if reads_files() else run_cache() -%}
    {%- if cache.column_aliases is defined -%}{{ return(cache.column_aliases) }}{%- endif -%}
    {%- set aliases = {} -%}
    {%- set seed = load_relation(_relation_of('column_aliases')) -%}
    {%- if seed -%}
        {%- for provider, feed, alias, name in run_query(
            "select provider, feed, alias, column_name from " ~ seed ~ " order by 1, 2, 3"
        ) -%}
            {%- do aliases.setdefault((provider, feed), {}).update({_plain_name(alias): name}) -%}
        {%- endfor -%}
        {%- do cache.update({'column_aliases': aliases}) -%}
    {%- endif -%}
    {{ return(aliases) }}
{% endmacro %}

{#-
    Adds `found` and `folder_keys` to a file's layout, or makes it `not_read`. A canonical name is met by the column of that name
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
        {%- if name and name not in found and modules.re.fullmatch('[A-Za-z0-9_.-]+', key) -%}
            {%- do keys.update({name: key}) -%}
        {%- endif -%}
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
            {%- for name in is_there if name in keys or exact.get(name) or loose.get(_plain_name(name)) or other.get(name) -%}
                {%- do seen.append(name) -%}
            {%- endfor -%}
            {%- set is_there = seen -%}
        {%- endif -%}
        {%- if not is_there -%}{%- do lacking.append(choices) -%}{%- endif -%}
    {%- endfor -%}
    {%- if lacking -%}
        {#- what is a column by its own name is not another one -#}
        {%- set unused = [] -%}
        {%- for name in layout.columns -%}
            {%- set place = loop.index if layout.format in ['csv', 'tsv'] else name -%}
            {%- if place not in found.values() -%}{%- do unused.append(name) -%}{%- endif -%}
        {%- endfor -%}
        {%- set texts = [] -%}
        {%- for choices in lacking -%}
            {%- set near = _likeliest_name(choices[0], unused) -%}
            {%- do texts.append("'" ~ choices | join("' or '") ~ "'" ~ (
                " (several columns could be it)" if choices | select('in', unclear) | list
                else " (is it '" ~ near ~ "'?)" if near else ""
            )) -%}
        {%- endfor -%}
        {%- set names = layout.columns | list | join(', ') | truncate(300) -%}
        {%- do file.update({'status': 'lacks_columns', 'reason':
            "it is a text and no table: '" ~ names ~ "'" if not found and _is_text_of_words(layout.columns | list)
            else "it has no column " ~ texts | join(', no ') ~ "; it has: " ~ names ~ ('. ' ~ feed.hint if feed.hint else '')
        }) -%}
    {%- endif -%}
    {%- if unclear -%}
        {%- do file.update({'unclear': unclear}) -%}
    {%- endif -%}
{% endmacro %}

{#- {canonical name: the file's own}, of columns that a file has. -#}
{% macro _own_names(layout) %}
    {%- set names = {} -%}
    {%- for name, place in layout.found.items() if layout.format != 'json' or place in layout.columns -%}
        {%- do names.update({name: layout.columns[place - 1] if layout.format in ['csv', 'tsv'] else place}) -%}
    {%- endfor -%}
    {{ return(names) }}
{% endmacro %}

{#- Says which columns are taken by another name, once for all files that have them alike. -#}
{% macro _say_names_taken(files) %}
    {%- set alike = {} -%}
    {%- for file in files if file.status == 'pending' -%}
        {%- set texts = [] -%}
        {%- for name, own in _own_names(file.layout).items() if own | lower != name -%}
            {%- do texts.append(name ~ " from '" ~ own ~ "'") -%}
        {%- endfor -%}
        {%- for name in file.unclear or [] -%}{%- do texts.append(name ~ " from none, since several could be it") -%}{%- endfor -%}
        {%- if texts -%}{%- do alike.setdefault(texts | join(', '), []).append(file.file_name) -%}{%- endif -%}
    {%- endfor -%}
    {%- for text, names in (alike.items() | list)[:10] -%}
        {%- do log(
            "columns of " ~ names[0] ~ (" and " ~ (names | length - 1) ~ " more file(s)" if names[1:] else "") ~ ": " ~ text, info=true
        ) -%}
    {%- endfor -%}
{% endmacro %}
