{#- What is said of folders and files that are not read. -#}

{#- Sentences on folders with files beside those of the feeds in use, and which may be meant. Not of a bucket: listing costs there. -#}
{% macro _folders_not_read() %}
    {%- set root, feeds = _raw_root(), _feed_folders() -%}
    {%- set texts = [] -%}
    {%- if '://' not in root -%}
        {%- set above = var('providers') | reject('equalto', 'generic') | list -%}
        {%- for folder in run_query(
            "select distinct case when split_part(path, '/', 1) in " ~ _in_list(above + ['']) ~ " and path like '%/%/%' then "
            ~ "split_part(path, '/', 1) || '/' || split_part(path, '/', 2) else split_part(path, '/', 1) end as folder from ("
            ~ "select substr(file, " ~ (root | length + 1) ~ ") as path from glob(" ~ text_literal(_glob(root, is_part=true) ~ '**/*')
            ~ ")) as files where path like '%/%' and not regexp_matches(path, '(^|/)[._]') order by 1"
        ).columns[0].values() if folder not in feeds -%}
            {%- set near = _likeliest_name(folder, feeds | reject('equalto', folder)) -%}
            {%- do texts.append(folder ~ "/: not read" ~ (
                "; its files belong in a folder of it, such as events/" if folder in var('providers')
                else "; name it in providers to read it" if folder in _known_providers()
                else "; is it " ~ near ~ "/?" if near else ""
            )) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(texts) }}
{% endmacro %}
