{#-
    Descriptions in the database (`persist_docs`). A table that is built whole gets them with its rows; where only they
    were edited, they are written without a rebuild. What was written last is noted (`docs` in state_models), so that a
    run with nothing new asks the database nothing.
-#}

{#- What is to be there, as a digest; none if nothing is asked for. -#}
{% macro _descriptions() %}
    {%- if not (config.persist_relation_docs() or config.persist_column_docs()) -%}{{ return(none) }}{%- endif -%}
    {%- set columns = [] -%}
    {%- for column in model.columns.values() -%}{%- do columns.append([column.name, column.description]) -%}{%- endfor -%}
    {{ return(local_md5(tojson([config.get('persist_docs'), model.description, columns], sort_keys=true))) }}
{% endmacro %}

{#- Writes what was edited of a table or view that is there and is not built whole in this run. -#}
{% macro _renew_descriptions(type) %}
    {%- set plan = model.plan -%}
    {%- if plan.scope != 'all' and plan.docs and plan.docs != plan.known.docs -%}
        {%- do write_descriptions(this.incorporate(type=type)) -%}
        {%- set row = plan.known_row -%}
        {%- call statement('docs') -%}
            {{ _write_model_state(
                row.last_change_seq, row.rebuild_count, row.upstream_rebuild_count,
                tojson(dict(plan.known, docs=plan.docs), sort_keys=true)
            ) }}
        {%- endcall -%}
        {%- do adapter.commit() -%}
        {%- if plan.scope == 'none' -%}{%- do plan.update({'reason': 'none, its descriptions changed'}) -%}{%- endif -%}
    {%- endif -%}
{% endmacro %}
