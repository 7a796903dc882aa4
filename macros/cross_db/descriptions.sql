{#- Writes the descriptions of the calling model to its table or view, as its `persist_docs` asks for. -#}
{% macro write_descriptions(relation) %}
    {{ return(adapter.dispatch('write_descriptions', 'app_sessions')(relation)) }}
{% endmacro %}

{% macro default__write_descriptions(relation) %}{%- do persist_docs(relation, model) -%}{% endmacro %}

{#- One call. dbt's own asks for the columns twice, which a contract has made sure of, and makes two calls. -#}
{% macro duckdb__write_descriptions(relation) %}
    {%- if not model.config.contract.enforced -%}{{ return(persist_docs(relation, model)) }}{%- endif -%}
    {%- set comments = [] -%}
    {%- if config.persist_relation_docs() and model.description -%}
        {%- do comments.append('comment on ' ~ relation.type ~ ' ' ~ relation ~ ' is ' ~ text_literal(model.description)) -%}
    {%- endif -%}
    {#- DuckLake knows comments on the columns of tables only -#}
    {%- if config.persist_column_docs() and not (relation.is_view and adapter.is_ducklake(relation)) -%}
        {%- for column in model.columns.values() if column.description -%}
            {%- do comments.append(
                'comment on column ' ~ relation ~ '.' ~ adapter.quote(column.name) ~ ' is ' ~ text_literal(column.description)
            ) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if comments -%}
        {%- call statement('descriptions') -%}{{ comments | join(';\n') }}{%- endcall -%}
    {%- endif -%}
{% endmacro %}
