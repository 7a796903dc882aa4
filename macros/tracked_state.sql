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

{#- Reference: macros/_macros.yml (definition_of). -#}
{% macro definition_of(sql) %}
    {%- set text = namespace(sql=sql) -%}
    {%- for node in graph.nodes.values() | list + graph.sources.values() | list if node.relation_name -%}
        {%- set text.sql = text.sql.replace(node.relation_name, node.name) -%}
        {%- if node.defer_relation -%}
            {%- set text.sql = text.sql.replace(node.defer_relation.relation_name, node.name) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(local_md5(modules.re.sub('\\s+', ' ', text.sql))) }}
{% endmacro %}

{#- Whether a table has to be built anew to be what its file says, though its SQL is the same: types, layout. -#}
{% macro _declared() %}
    {%- set parts = [] -%}
    {%- if model.config.contract.enforced -%}
        {%- for column in model.columns.values() -%}
            {%- do parts.append([column.name, column.data_type, column.constraints]) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for name in [
        'unique_key', 'indexes', 'partition_by', 'cluster_by', 'liquid_clustered_by', 'dist', 'sort', 'properties', 'file_format'
    ] -%}
        {%- do parts.append(model.config.get(name)) -%}
    {%- endfor -%}
    {{ return(tojson(parts)) }}
{% endmacro %}

{#-
    What a table is made of, found in the graph through views and ephemeral models: `tables` that are tracked, by name;
    `contents`, digests of seeds and of what is not tracked; `views`, definitions.
-#}
{% macro _inputs(node, watermarks, found=none) %}
    {%- set found = {'tables': {}, 'contents': {}, 'views': {}} if found is none else found -%}
    {%- for unique_id in node.depends_on.nodes if unique_id.split('.')[-1] not in (node.config.meta.built_after or []) -%}
        {%- set input = graph.nodes.get(unique_id) or graph.sources[unique_id] -%}
        {%- set kind = input.config.get('materialized') -%}
        {%- if kind == 'ephemeral' or kind == 'tracked_view' and not _reads_raw(input) -%}
            {%- if kind == 'tracked_view' -%}
                {%- do found['views'].update({input.name: _noted(watermarks.get(input.name)).get('definition')}) -%}
            {%- endif -%}
            {%- do _inputs(input, watermarks, found) -%}
        {%- elif kind == 'tracked' -%}
            {%- if not input.config.meta.filled_by -%}{%- do found['tables'].update({input.name: input}) -%}{%- endif -%}
        {%- elif input.name not in found['contents'] -%}
            {%- do found['contents'].update({input.name: _digest_of(input)}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{#- A view over raw data is known by its rows. -#}
{% macro _reads_raw(node) %}
    {%- if node.config.meta.reads_raw or node.resource_type == 'source' -%}{{ return(true) }}{%- endif -%}
    {%- for unique_id in node.depends_on.nodes -%}
        {%- set input = graph.nodes.get(unique_id) or graph.sources[unique_id] -%}
        {%- if (input.resource_type == 'source' or input.config.materialized in ['view', 'tracked_view', 'ephemeral'])
            and _reads_raw(input) -%}
            {{ return(true) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(false) }}
{% endmacro %}

{% macro _digest_of(node) %}
    {%- set cache = run_cache() -%}
    {%- set key = 'digest of ' ~ node.unique_id -%}
    {%- if key not in cache -%}
        {%- set relation = load_relation(api.Relation.create(
            database=node.database, schema=node.schema, identifier=node.alias or node.identifier
        )) -%}
        {%- do cache.update({key: own_digest(relation) if relation else 'nothing'}) -%}
    {%- endif -%}
    {{ return(cache[key]) }}
{% endmacro %}

{#- The JSON that a row of int_watermarks holds; {} where there is none, or it is another text. -#}
{% macro _noted(row) %}
    {%- set noted = fromjson(row.settings, {}) if row else {} -%}
    {{ return(noted if noted is mapping else {}) }}
{% endmacro %}

{#- Whether a table is changed row by row, and others consume its changes; else it is built whole. -#}
{% macro _changes_by_row(node) %}
    {{ return(node.config.unique_key or node.config.meta.changed_by) }}
{% endmacro %}

{#-
    What this run has to do for the calling model: {scope, reason, definition, inputs, changed (names of inputs), after
    and until (which changes it consumes), row (what to note)}.
-#}
{% macro plan_run(existing) %}
    {%- set meta = model.config.meta or {} -%}
    {%- set is_there = existing is not none and existing.is_table -%}
    {%- set plan = {'notes_state': false, 'notes_content': false, 'row': {}, 'computed': [], 'inputs': {}, 'changed': []} -%}
    {%- if invocation_args_dict.get('empty') or meta.filled_by -%}
        {#- what --empty makes has no state: the next run builds it -#}
        {{ return(_decided(plan, 'none', 'none') if is_there else _decided(plan, 'all', 'new')) }}
    {%- elif meta.changed_by -%}
        {{ return(_decided(plan, 'touched', 'touched') if is_there and not should_full_refresh()
            else _decided(plan, 'all', 'full refresh' if is_there else 'new')) }}
    {%- endif -%}
    {%- set watermarks = _watermarks() -%}
    {%- set mine = watermarks.get(model.name) -%}
    {%- set known = _noted(mine) -%}
    {%- set by_row = _changes_by_row(model) -%}
    {%- set handled = meta.handles or [] -%}
    {%- set inputs = _inputs(model, watermarks) -%}
    {%- set until = [] -%}
    {%- set generations = [] -%}
    {%- set found = inputs.contents -%}
    {%- for name, node in inputs['tables'].items() -%}
        {%- set row = watermarks.get(name) or {'consumed_seq': 0, 'generation': 0, 'settings': ''} -%}
        {%- set is_consumed = _changes_by_row(node) and not node.config.meta.notes_changes -%}
        {%- if is_consumed -%}
            {%- do until.append(row.consumed_seq) -%}
            {%- do generations.append(row.generation) -%}
        {%- endif -%}
        {%- do found.update({name:
            row.generation if by_row and _changes_by_row(node) and name not in handled
            else row.generation ~ '.' ~ row.consumed_seq if is_consumed
            else _noted(row).get('content')
        }) -%}
    {%- endfor -%}
    {%- do plan.update({
        'notes_state': true,
        'notes_content': not by_row or meta.notes_changes,
        'definition': local_md5(definition_of(compiled_code) ~ tojson(inputs.views, sort_keys=true) ~ _declared()),
        'inputs': found,
        'after': mine.consumed_seq if mine else 0,
        'until': until | min if until else 0,
    }) -%}
    {%- for name in found if found[name] is none or known.inputs and known.inputs.get(name) != found[name] -%}
        {%- do plan.changed.append(name) -%}
    {%- endfor -%}
    {%- set not_handled = plan.changed | reject('in', handled) | list -%}
    {%- set reason =
        'new' if not is_there
        else 'full refresh' if should_full_refresh()
        else 'its state is not known' if not known.definition
        else 'its SQL changed' if known.definition != plan.definition
        else _named(not_handled | sort) ~ (' was rebuilt' if found[not_handled[0]] is integer else ' changed') if not_handled
        else none
    -%}
    {%- do plan.update({'row': {
        'consumed_seq': plan.until,
        'generation': (mine.generation if mine else 0) + (1 if reason else 0),
        'upstream_generation': generations | sum if by_row else 0
    }}) -%}
    {%- if reason -%}
        {{ return(_decided(plan, 'all', reason)) }}
    {%- elif by_row and (plan.until > plan.after or plan.changed) -%}
        {{ return(_decided(plan, 'touched', 'touched')) }}
    {%- endif -%}
    {{ return(_decided(plan, 'none', 'none')) }}
{% endmacro %}

{#- "a", "a and b", "a, b and 3 more" -#}
{% macro _named(names) %}
    {{ return(names[:2] | join(', ' if names | length > 2 else ' and ')
        ~ (' and ' ~ (names | length - 2) ~ ' more' if names | length > 2 else '')) }}
{% endmacro %}

{% macro plan_view(existing) %}
    {%- set watermarks = _watermarks() -%}
    {#- a view keeps the names of databases that it was made with -#}
    {%- set inputs = {'names': local_md5(compiled_code)} -%}
    {%- for unique_id in model.depends_on.nodes -%}
        {%- set name = unique_id.split('.')[-1] -%}
        {%- if name in watermarks -%}{%- do inputs.update({name: _noted(watermarks[name]).get('definition')}) -%}{%- endif -%}
    {%- endfor -%}
    {%- set known = _noted(watermarks.get(model.name)) -%}
    {%- set is_there = existing is not none and existing.is_view -%}
    {%- set plan = {
        'notes_state': not invocation_args_dict.get('empty'), 'definition': definition_of(compiled_code), 'inputs': inputs,
        'row': {'consumed_seq': 0, 'generation': 0, 'upstream_generation': 0}
    } -%}
    {%- set reason =
        none if is_there and invocation_args_dict.get('empty')
        else 'new' if not is_there
        else 'full refresh' if should_full_refresh()
        else 'its SQL changed' if known.definition != plan.definition
        else 'what it reads has other columns or another name' if known.inputs != inputs
        else none
    -%}
    {{ return(_decided(plan, 'all' if reason else 'none', reason or 'none')) }}
{% endmacro %}

{% macro _decided(plan, scope, reason) %}
    {%- do plan.update({'scope': scope, 'reason': scope ~ ', ' ~ reason if scope == 'all' else reason}) -%}
    {{ return(plan) }}
{% endmacro %}

{#- Reference: macros/_macros.yml (has_new_content). -#}
{% macro has_new_content(name) %}
    {{ return(model.plan and name in model.plan.changed) }}
{% endmacro %}
