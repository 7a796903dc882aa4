{#-
    What is noted of a model's last build, and what follows from it for this run. A row of int_watermarks per table and
    view: how far it has consumed int_changes (`consumed_seq`), how often it was built whole (`generation`), and as JSON
    its definition, the state of what it read (`inputs`) and a digest of its own rows (`content`).
-#}

{#- The table of a model or seed of this project, also for a model that does not depend on it by itself. -#}
{% macro _relation_of(name) %}
    {%- set node = graph.nodes.get('model.app_sessions.' ~ name) or graph.nodes['seed.app_sessions.' ~ name] -%}
    {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias, type='table')) }}
{% endmacro %}

{#- {model_name: {consumed_seq, generation, upstream_generation, settings}} -#}
{% macro _watermarks() %}
    {%- set cache = run_cache() -%}
    {%- if cache.watermarks is defined -%}
        {#- what models of this run have noted since counts more -#}
        {{ return(dict(cache.watermarks, **cache.get('noted', {}))) }}
    {%- endif -%}
    {%- set found = {} -%}
    {%- set relation = load_relation(_relation_of('int_watermarks')) -%}
    {%- if relation is not none -%}
        {%- for row in run_query(
            "select model_name, consumed_seq, generation, upstream_generation, settings from " ~ relation
        ) -%}
            {%- do found.update({row[0]: {
                'consumed_seq': row[1] | int, 'generation': row[2] | int,
                'upstream_generation': row[3] | int, 'settings': row[4]
            }}) -%}
        {%- endfor -%}
        {%- do cache.update({'watermarks': found}) -%}
    {%- endif -%}
    {{ return(dict(found, **cache.get('noted', {}))) }}
{% endmacro %}

{#- `settings` are kept as their md5, or as they are: where that is one already, or somebody is to read what changed. -#}
{% macro _write_watermark(
    consumed_seq, generation, upstream_generation, settings, as_is=false, name=model.name
) -%}
    {%- set kept = dbt.escape_single_quotes(settings) if as_is else local_md5(settings) -%}
    {%- if model.plan -%}
        {%- do model.plan.setdefault('writes', {}).update({name: {
            'consumed_seq': consumed_seq, 'generation': generation,
            'upstream_generation': upstream_generation, 'settings': settings if as_is else kept
        }}) -%}
    {%- endif -%}
    {{ write_row(_relation_of('int_watermarks'), 'model_name', {
        'model_name': "'" ~ name ~ "'", 'consumed_seq': consumed_seq, 'generation': generation,
        'upstream_generation': upstream_generation, 'settings': dbt.string_literal(kept)
    }) }}
{%- endmacro %}

{#- The statement that notes what the plan says, as a part of the transaction that changes the table. -#}
{% macro write_state() -%}
    {%- set plan = model.plan -%}
    {%- set row = plan.row -%}
    {%- if not plan.notes_state or load_relation(_relation_of('int_watermarks')) is none -%}
        select 1
    {%- else -%}
        {%- set noted = {'definition': plan.definition, 'inputs': plan.inputs} -%}
        {%- if plan.notes_content -%}{%- do noted.update({'content': own_digest(this)}) -%}{%- endif -%}
        {{ _write_watermark(
            row.consumed_seq, row.generation, row.upstream_generation, tojson(noted, sort_keys=true), as_is=true
        ) }}
    {%- endif -%}
{%- endmacro %}

{#- After the commit, for the models that follow. -#}
{% macro _remember_state() %}
    {%- do run_cache().setdefault('noted', {}).update(model.plan.get('writes', {})) -%}
{% endmacro %}

{#- The JSON that a row of int_watermarks holds; {} where there is none, or it is another text. -#}
{% macro _noted(row) %}
    {%- set noted = fromjson(row.settings, {}) if row else {} -%}
    {{ return(noted if noted is mapping else {}) }}
{% endmacro %}
