{#-
    Layers land in schemas of their own name. A developer's schema becomes their prefix, and so does `schema_prefix`, for
    a project that installs this one and has a schema `core` or `marts` of its own.
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set prefixes = [var('schema_prefix') ~ '_'] if var('schema_prefix') else [] -%}
    {%- set layer = (custom_schema_name or '') | trim -%}
    {%- if not layer -%}
        {{ target.schema }}
    {%- else -%}
        {%- if target.schema not in ['main', 'public', 'default', 'app_sessions'] -%}
            {%- do prefixes.insert(0, target.schema ~ '_') -%}
        {%- endif -%}
        {{ prefixes | join ~ layer }}
    {%- endif -%}
{%- endmacro %}
