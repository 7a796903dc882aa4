{#-
    What is noted of a model's last build, and what follows from it for this run. A row of state_models per table and
    view: how far it has consumed state_changes (`last_change_seq`), how often it was built whole (`rebuild_count`), and as JSON
    its definition, the state of what it read (`inputs`) and a digest of its own rows (`content`).
-#}

{#- The table of a model or seed of this project, also for a model that does not depend on it by itself. -#}
{% macro _relation_of(name) %}
    {%- set node = graph.nodes.get('model.app_sessions.' ~ name) or graph.nodes['seed.app_sessions.' ~ name] -%}
    {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias, type='table')) }}
{% endmacro %}

{#- {model_name: {last_change_seq, rebuild_count, upstream_rebuild_count, built_from}} -#}
{% macro _model_states() %}
    {%- set cache = run_cache() -%}
    {%- if cache.states is defined -%}
        {#- what models of this run have noted since counts more -#}
        {{ return(dict(cache.states, **cache.get('noted', {}))) }}
    {%- endif -%}
    {%- set found = {} -%}
    {%- set relation = load_relation(_relation_of('state_models')) -%}
    {%- if relation is not none -%}
        {%- for row in asked_rows(_states_query(relation)) -%}
            {%- do found.update({row[0]: {
                'last_change_seq': row[1] | int, 'rebuild_count': row[2] | int,
                'upstream_rebuild_count': row[3] | int, 'built_from': row[4]
            }}) -%}
        {%- endfor -%}
        {%- do cache.update({'states': _without_doubtful_notes(found)}) -%}
    {%- endif -%}
    {{ return(dict(found, **cache.get('noted', {}))) }}
{% endmacro %}

{% macro _states_query(states) %}
    {{ return("select model_name, last_change_seq, rebuild_count, upstream_rebuild_count, built_from from " ~ states) }}
{% endmacro %}

{% macro _write_model_state(last_change_seq, rebuild_count, upstream_rebuild_count, built_from, name=model.name) -%}
    {%- if model.plan -%}
        {%- do model.plan.setdefault('writes', {}).update({name: {
            'last_change_seq': last_change_seq, 'rebuild_count': rebuild_count,
            'upstream_rebuild_count': upstream_rebuild_count, 'built_from': built_from
        }}) -%}
    {%- endif -%}
    {{ write_row(_relation_of('state_models'), 'model_name', {
        'model_name': "'" ~ name ~ "'", 'last_change_seq': last_change_seq, 'rebuild_count': rebuild_count,
        'upstream_rebuild_count': upstream_rebuild_count, 'built_from': text_literal(built_from)
    }) }}
{%- endmacro %}

{#- The statement that notes what the plan says, as a part of the transaction that changes the table. -#}
{% macro write_state() -%}
    {%- if not model.plan.notes_state or load_relation(_relation_of('state_models')) is none -%}
        select 1
    {%- else -%}
        {%- set row = _state_to_note() -%}
        {{ _write_model_state(row.last_change_seq, row.rebuild_count, row.upstream_rebuild_count, row.built_from) }}
    {%- endif -%}
{%- endmacro %}

{#- What the plan says, as a row of state_models. -#}
{% macro _state_to_note() %}
    {%- set plan = model.plan -%}
    {%- set noted = {'definition': plan.definition, 'inputs': plan.inputs} -%}
    {%- if plan.docs -%}{%- do noted.update({'docs': plan.docs}) -%}{%- endif -%}
    {%- if plan.notes_content -%}{%- do noted.update({'content': own_digest(this)}) -%}{%- endif -%}
    {{ return(dict(plan.row, built_from=tojson(noted, sort_keys=true))) }}
{% endmacro %}

{#- After the commit, for the models that follow. -#}
{% macro _remember_state() %}
    {%- do run_cache().setdefault('noted', {}).update(model.plan.get('writes', {})) -%}
{% endmacro %}

{#-
    Forgets tables that the project has no more: changes would wait for them for ever. Should one come back, it has no note, and
    is built whole. Statements; none where there is none.
-#}
{% macro _forget_models_without_node() %}
    {%- set names = graph.nodes.values() | map(attribute='name') | list -%}
    {%- set gone = [] -%}
    {%- for name, row in _model_states().items() if row.upstream_rebuild_count > 0 and name not in names -%}
        {%- do gone.append(name) -%}
    {%- endfor -%}
    {{ return(["delete from " ~ _relation_of('state_models') ~ " where model_name in " ~ _in_list(gone)] if gone else []) }}
{% endmacro %}

{#- The JSON that a row of state_models holds; {} where there is none, or it is another text. -#}
{% macro _noted(row) %}
    {%- set noted = fromjson(row.built_from, {}) if row else {} -%}
    {{ return(noted if noted is mapping else {}) }}
{% endmacro %}
