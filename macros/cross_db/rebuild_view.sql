{% macro rebuild_view(existing) %}
    {{ return(adapter.dispatch('rebuild_view', 'app_sessions')(existing)) }}
{% endmacro %}

{% macro default__rebuild_view(existing) %}
    {%- do post_hooks.append({'sql': '{{ app_sessions.write_state() }}', 'transaction': true}) -%}
    {%- set build = context.get(
        'materialization_view_' ~ adapter.type(), context['materialization_view_default']
    ) -%}
    {%- do build() -%}
{% endmacro %}

{#- dbt's own makes the view under another name, renames twice and drops: a dozen statements where one does. -#}
{% macro duckdb__rebuild_view(existing) %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- if existing is not none and existing.is_table -%}{%- do adapter.drop_relation(existing) -%}{%- endif -%}
    {%- if model.config.contract.enforced -%}{{ get_assert_columns_equivalent(compiled_code) }}{%- endif -%}
    {%- call statement('main') -%}
        create or replace view {{ this }} as (
            {{ compiled_code }}
        );
        {{ write_state() }}
    {%- endcall -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do write_descriptions(this.incorporate(type='view')) -%}
    {%- do adapter.commit() -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
{% endmacro %}

{#-
    Spark's part of rebuild_view. The catalog of a session on this machine (Derby) takes no view of more than 32,700
    characters, so the text has no more blanks than it needs; no literal goes over a line.
-#}
{% macro spark__rebuild_view(existing) %}
    {{ run_hooks(pre_hooks) }}
    {%- if existing is not none and existing.is_table -%}{%- do adapter.drop_relation(existing) -%}{%- endif -%}
    {%- call statement('main') -%}
        {{ create_view_as(this, modules.re.sub('\\s*\\n\\s*', '\n', compiled_code)) }}
    {%- endcall -%}
    {%- do note_state() -%}
    {{ run_hooks(post_hooks) }}
{% endmacro %}

{% macro databricks__rebuild_view(existing) %}{{ return(default__rebuild_view(existing)) }}{% endmacro %}
