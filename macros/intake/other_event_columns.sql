{#- Select the canonical event columns that a provider does not give, each as a null of its type. -#}
{% macro other_event_columns(given) -%}
    {%- set types = {
        'revenue': 'decimal', 'duration_seconds': 'decimal', 'ad_revenue_usd': 'decimal', 'is_activity': 'boolean',
        'is_reengagement': 'boolean', 'event_at': dbt.type_timestamp(), 'received_at': dbt.type_timestamp(),
        'loaded_at': dbt.type_timestamp(), 'installed_at': dbt.type_timestamp()
    } -%}
    {%- set texts = [] -%}
    {%- for name in _event_columns() if name not in given -%}
        {%- set value = as_decimal('null', 18, 9 if name == 'ad_revenue_usd' else 6) if types.get(name) == 'decimal'
            else 'cast(null as ' ~ types.get(name, dbt.type_string()) ~ ')' -%}
        {%- do texts.append(value ~ ' as ' ~ name) -%}
    {%- endfor -%}
    {{- texts | join(',\n    ') -}}
{%- endmacro %}
