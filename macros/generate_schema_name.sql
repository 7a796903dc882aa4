{#- Layers land in schemas of their own name; a developer's schema becomes their prefix. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- set layer = (custom_schema_name or '') | trim -%}
    {%- if not layer -%}
        {{ target.schema }}
    {%- elif target.schema in ['main', 'public', 'default', 'app_sessions'] -%}
        {{ layer }}
    {%- else -%}
        {{ target.schema }}_{{ layer }}
    {%- endif -%}
{%- endmacro %}
