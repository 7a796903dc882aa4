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
    {%- call statement('state') -%}{{ write_state() }}{%- endcall -%}
    {{ run_hooks(post_hooks) }}
{% endmacro %}

{% macro databricks__rebuild_view(existing) %}{{ return(default__rebuild_view(existing)) }}{% endmacro %}
