{#-
    Names of the columns that hold something which is not of their type, each followed by a space; null if none. They are
    parsed where raw_rows is called, which has to be later.
-#}
{% macro unparsable_columns(raw, timestamps=[], decimals=[], booleans=[], dates=[]) -%}
    {%- set conditions, names = [], [] -%}
    {%- if '_unreadable_line' in raw.columns -%}
        {%- do conditions.append('_unreadable_line is not null') -%}
        {%- do names.append('whole_line') -%}
    {%- endif -%}
    {%- for kind, columns, parse in [
        ('timestamp', timestamps, raw_timestamp), ('decimal', decimals, raw_decimal), ('boolean', booleans, raw_boolean),
        ('date', dates, raw_date)
    ] -%}
        {%- for column in columns if column in raw.columns -%}
            {%- do raw.setdefault('parsed', {}).update({column: {'kind': kind, 'sql': parse(raw, column)}}) -%}
            {%- do conditions.append(column ~ ' is not null and parsed_' ~ column ~ ' is null') -%}
            {%- do names.append(column) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set texts = [] -%}
    {%- for condition in conditions -%}
        {%- do texts.append("case when " ~ condition ~ " then '" ~ names[loop.index0] ~ " ' else '' end") -%}
    {%- endfor -%}
    {%- if conditions -%}
        case
            when {{ conditions | join('\n            or ') }}
                then {{ texts | join('\n                || ') }}
        end
    {%- else -%}
        cast(null as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}

{% macro _is_parsed(raw, column, kind) %}
    {{ return(raw.get('parsed', {}).get(column, {}).get('kind') == kind) }}
{% endmacro %}

{#- A list of unparsable columns with the canonical names in place of the provider's own; no name may end in another's. -#}
{% macro _canonical_names(unparsable, names) -%}
    {%- set found = namespace(text=unparsable) -%}
    {%- for own, name in names.items() -%}
        {%- set found.text = "replace(" ~ found.text ~ ", '" ~ own ~ " ', '" ~ name ~ " ')" -%}
    {%- endfor -%}
    {{- found.text -}}
{%- endmacro %}
