{#-
    Columns, count and sum of row hashes: equal for equal rows, in whatever order. Times as numbers, since an engine may
    show fewer digits of them than it keeps, truth values as numbers, since Redshift does not show them.
-#}
{% macro _content_digest(relation) %}
    {%- if load_relation(relation) is none -%}
        {{ return('') }}
    {%- endif -%}
    {%- set columns = adapter.get_columns_in_relation(relation) -%}
    {%- set names = [] -%}
    {%- for column in columns -%}{%- do names.append(column.name ~ ' ' ~ column.data_type | lower) -%}{%- endfor -%}
    {#- the long text once: a hash is made of several pieces of an md5 -#}
    {%- set row = run_query(
        "select count(*), sum(" ~ as_decimal(hash63('row_digest'), 38, 0) ~ ") from (select "
        ~ dbt.hash(_row_text(columns)) ~ " as row_digest from " ~ relation ~ " " ~ computed_here()
        ~ ") as digests"
    ).rows[0] -%}
    {{ return(names | join(', ') ~ '/' ~ row[0] ~ '/' ~ row[1]) }}
{% endmacro %}

{#- A row as one text, equal for equal rows. -#}
{% macro _row_text(columns) %}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- set name, kind = adapter.quote(column.name), column.data_type | lower -%}
        {%- set value = epoch_us(name) if 'timestamp' in kind or 'datetime' in kind
            else 'case when ' ~ name ~ ' then 1 else 0 end' if kind.startswith('bool') else name -%}
        {%- do texts.append(
            "case when " ~ name ~ " is null then '' else '=' || cast(" ~ value ~ " as " ~ dbt.type_string() ~ ") end"
        ) -%}
    {%- endfor -%}
    {{ return(texts | join(" || '\u001f' || ")) }}
{% endmacro %}
