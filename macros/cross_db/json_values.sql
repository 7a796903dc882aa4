{#- Values inside nested columns. A nested column is JSON text everywhere above the reader of files and tables. -#}

{#- JSON text of a struct, list or document column. -#}
{% macro nested_as_json(column) -%}
    {{ return(adapter.dispatch('nested_as_json', 'app_sessions')(column)) }}
{%- endmacro %}

{% macro default__nested_as_json(column) -%}to_json({{ column }}){%- endmacro %}

{% macro duckdb__nested_as_json(column) -%}cast(to_json({{ column }}) as varchar){%- endmacro %}

{% macro postgres__nested_as_json(column) -%}cast({{ column }} as text){%- endmacro %}

{% macro bigquery__nested_as_json(column) -%}to_json_string({{ column }}){%- endmacro %}

{#- Whether a type has parts: a struct, a list, a map, or an engine's own document. -#}
{% macro _is_nested(data_type) -%}
    {%- set type = data_type | lower -%}
    {{ return(type.endswith('[]') or type.split('(')[0].split('<')[0] in [
        'struct', 'array', 'map', 'row', 'jsonb', 'variant', 'super', 'record'
    ]) }}
{%- endmacro %}

{#- The text of a value inside JSON text; null where it is not there. -#}
{% macro json_value_text(json, path) -%}
    {{ return(adapter.dispatch('json_value_text', 'app_sessions')(json, path)) }}
{%- endmacro %}

{% macro default__json_value_text(json, path) -%}{{ _not_there('json_value_text') }}{%- endmacro %}

{% macro duckdb__json_value_text(json, path) -%}json_extract_string({{ json }}, '$.{{ path | join(".") }}'){%- endmacro %}

{% macro postgres__json_value_text(json, path) -%}cast({{ json }} as json) #>> '{ {{- path | join(",") -}} }'{%- endmacro %}

{% macro spark__json_value_text(json, path) -%}get_json_object({{ json }}, '$.{{ path | join(".") }}'){%- endmacro %}

{% macro bigquery__json_value_text(json, path) -%}json_value({{ json }}, '$.{{ path | join(".") }}'){%- endmacro %}
