{#- The adapter's own `table` materialization, to be called from another one. -#}
{% macro table_materialization() -%}
    {{ return(context.get(
        'materialization_table_' ~ adapter.type(), context['materialization_table_default']
    )) }}
{%- endmacro %}
