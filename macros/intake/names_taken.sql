{#- What is said of columns that are taken for canonical ones. -#}

{#- {canonical name: the file's own ones}, of columns that a file has. -#}
{% macro _own_names(layout) %}
    {%- set names = {} -%}
    {%- for name, place in layout.found.items() if layout.format != 'json' or place in layout.columns -%}
        {%- set own = [] -%}
        {%- for each in [place] + layout.get('also', {}).get(name, []) -%}
            {%- do own.append(layout.columns[each - 1] if each is integer else each) -%}
        {%- endfor -%}
        {%- do names.update({name: own}) -%}
    {%- endfor -%}
    {{ return(names) }}
{% endmacro %}

{#- Says which columns are taken by another name, once for all files that have them alike. -#}
{% macro _say_names_taken(files) %}
    {%- set alike = {} -%}
    {%- for file in files if file.status == 'pending' -%}
        {%- set texts = [] -%}
        {%- for name, own in _own_names(file.layout).items() if own[1:] or own[0] | lower != name -%}
            {%- do texts.append(name ~ " from '" ~ own | join("', '") ~ "'") -%}
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
