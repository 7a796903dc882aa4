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
        {%- for provider, feed, alias, name in asked_rows(_aliases_query(seed)) -%}
            {%- set names = aliases.setdefault((provider, feed), {}) -%}
            {%- set before = names.setdefault(_plain_name(alias), name) -%}
            {%- do _require(
                before == name, 'seeds/column_aliases.csv', "of " ~ provider ~ " " ~ feed ~ " '" ~ alias ~ "' is "
                ~ [before, name] | sort | join(' and ') ~ ": keep the row that is meant"
            ) -%}
        {%- endfor -%}
        {%- do cache.update({'column_aliases': aliases}) -%}
    {%- endif -%}
    {{ return(aliases) }}
{% endmacro %}

{% macro _aliases_query(seed) -%}
    {{ return("select provider, feed, alias, column_name from " ~ seed ~ " order by 1, 2, 3") }}{%- endmacro %}

{#-
    Adds `found` and `folder_keys` to a file's layout, or makes it `not_read`. A canonical name is met by the column of that name
    whatever its case; else by the only column that is the same without blanks and marks; else by the only alias that
    is there; else by a folder's key. In JSON that holds of each line: keys of one name that are never in a line together are one.
    `also` has further columns of a canonical name, of which one has a value in a row.
-#}
{% macro _match_columns(file, aliases) %}
    {%- set layout = file.layout -%}
    {%- set feed = _raw_feed(file.provider, file.feed) -%}
    {%- set exact, loose, other = {}, {}, {} -%}
    {%- for name in layout.columns -%}
        {%- set place = loop.index if layout.format in ['csv', 'tsv'] else name -%}
        {%- set called = _name_without_type(name, layout.columns) -%}
        {%- do exact.setdefault(called | lower, []).append(place) -%}
        {%- do loose.setdefault(_plain_name(called), []).append(place) -%}
        {%- do other.setdefault(aliases.get(_plain_name(called)), []).append(place) -%}
    {%- endfor -%}
    {%- set found, also = {}, {} -%}
    {%- set unclear = [] -%}
    {%- for name in feed.columns -%}
        {%- set ranks = [exact.get(name, []), loose.get(_plain_name(name), []), other.get(name, [])] -%}
        {%- set choices = ranks | select | first | default([]) -%}
        {%- set taken = _keys_taken(ranks, file.beside) if layout.format == 'json' else choices -%}
        {%- if choices and (not taken or layout.format != 'json' and choices[1:]) -%}
            {%- do unclear.append(name) -%}
        {%- elif choices -%}
            {%- do found.update({name: taken[0]}) -%}
            {%- do also.update({name: taken[1:]}) if taken[1:] -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set keys = {} -%}
    {%- for key in modules.re.findall('/([^/=]+)=[^/]*(?=/)', file.file_name) -%}
        {%- set name = ([key | lower] + [aliases.get(_plain_name(key))]) | select('in', feed.columns) | first -%}
        {%- if name and name not in found and modules.re.fullmatch('[A-Za-z0-9_.-]+', key) -%}
            {%- do keys.update({name: key}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set has = found.keys() | list + keys.keys() | list -%}
    {%- if layout.format == 'json' -%}
        {#- of all files of JSON alike, so that fewer layouts differ -#}
        {%- for name in feed.columns if name not in has -%}{%- do found.update({name: name}) -%}{%- endfor -%}
    {%- endif -%}
    {%- for name, place in (found if '__v_' in layout.columns | join(' ') | lower else {}).items() -%}
        {%- set others = _columns_of_other_types(place, layout.columns) -%}
        {%- do also.update({name: also.get(name, []) + others}) if others -%}
    {%- endfor -%}
    {%- do layout.update({'also': also}) if also -%}
    {%- do layout.update({'found': found, 'folder_keys': keys}) -%}
    {%- set lacking = [] -%}
    {%- for need in feed.required -%}
        {%- set choices = [need] if need is string else need -%}
        {%- if not choices | select('in', has) | list -%}{%- do lacking.append(choices) -%}{%- endif -%}
    {%- endfor -%}
    {%- if lacking -%}
        {#- what is a column by its own name is not another one -#}
        {%- set unused = [] -%}
        {%- for name in layout.columns -%}
            {%- set place = loop.index if layout.format in ['csv', 'tsv'] else name -%}
            {%- if place not in found.values() and place not in also.values() | sum(start=[]) -%}{%- do unused.append(name) -%}{%- endif -%}
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

{#- Which keys of JSON are one canonical column, best first; none if several could be it. `ranks` is that order. -#}
{% macro _keys_taken(ranks, beside) %}
    {%- set taken = [] -%}
    {%- for keys in ranks -%}
        {%- set free, clear = [], [] -%}
        {%- for key in keys if key not in taken and not beside[key] | select('in', taken) | list -%}
            {%- do free.append(key) -%}
        {%- endfor -%}
        {%- for key in free if not beside[key] | select('in', free) | list -%}{%- do clear.append(key) -%}{%- endfor -%}
        {%- if not taken and clear != free -%}{{ return([]) }}{%- endif -%}
        {%- do taken.extend(clear) -%}
    {%- endfor -%}
    {{ return(taken) }}
{% endmacro %}
