{#- What a table is by its code (its definition), and what it is made of (its inputs). -#}

{#- md5 of a select's text, without the names of databases and schemas and whatever white space. -#}
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
{% macro _inputs(node, states, found=none) %}
    {%- set found = {'tables': {}, 'contents': {}, 'views': {}} if found is none else found -%}
    {%- for unique_id in node.depends_on.nodes if unique_id.split('.')[-1] not in (node.config.meta.built_after or []) -%}
        {%- set input = graph.nodes.get(unique_id) or graph.sources[unique_id] -%}
        {%- set kind = input.config.get('materialized') -%}
        {%- if kind == 'ephemeral' or kind == 'tracked_view' and not _reads_raw(input) -%}
            {%- if kind == 'tracked_view' -%}
                {%- do found['views'].update({input.name: _noted(states.get(input.name)).get('definition')}) -%}
            {%- endif -%}
            {%- do _inputs(input, states, found) -%}
        {%- elif kind == 'tracked' -%}
            {%- if not input.config.meta.filled_by -%}{%- do found['tables'].update({input.name: input}) -%}{%- endif -%}
        {%- elif input.name not in found['contents'] and not input.config.meta.is_in_sql -%}
            {%- do found['contents'].update({input.name: _digest_of(input)}) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{#- A view over raw data is known by its rows. -#}
{% macro _reads_raw(node) %}
    {%- if node.config.meta.reads_raw is defined -%}{{ return(node.config.meta.reads_raw) }}{%- endif -%}
    {%- if node.resource_type == 'source' -%}{{ return(true) }}{%- endif -%}
    {%- for unique_id in node.depends_on.nodes -%}
        {%- set input = graph.nodes.get(unique_id) or graph.sources[unique_id] -%}
        {%- if (input.resource_type == 'source' or input.config.materialized in ['view', 'tracked_view', 'ephemeral'])
            and _reads_raw(input) -%}
            {{ return(true) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(false) }}
{% endmacro %}

{#- Of a seed's rows, or those of a view or source. -#}
{% macro _digest_of(node) %}
    {%- set cache = run_cache() -%}
    {%- if node.unique_id not in cache.get('digests', {}) -%}
        {%- set relations = {} -%}
        {%- for asked in [node] + seeds_digested_with(node) -%}
            {%- do relations.update({asked.unique_id: load_relation(api.Relation.create(
                database=asked.database, schema=asked.schema, identifier=asked.alias or asked.identifier
            ))}) -%}
        {%- endfor -%}
        {%- do cache.setdefault('digests', {}).update(own_digests(relations)) -%}
    {%- endif -%}
    {{ return(cache.digests[node.unique_id]) }}
{% endmacro %}

{#- Whether a table is changed row by row, and others consume its changes; else it is built whole. -#}
{% macro _changes_by_row(node) %}
    {{ return(node.config.unique_key or node.config.meta.changed_by) }}
{% endmacro %}
