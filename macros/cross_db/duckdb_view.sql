{#- dbt's own makes the view under another name, renames twice and drops: a dozen statements where one does. -#}
{% materialization view, adapter='duckdb' %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {%- set made = create_or_replace_view() -%}
    {%- do persist_docs(made.relations[0], model) -%}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return(made) }}
{% endmaterialization %}

{% macro duckdb__create_view_as(relation, sql) -%}
    {%- if config.get('contract').enforced -%}{{ get_assert_columns_equivalent(sql) }}{%- endif -%}
    {{ config.get('sql_header') or '' }}
    create or replace view {{ relation }} as (
        {{ sql }}
    )
{%- endmacro %}
