{#-
    A table that is built again only when something it is made of has changed: its own compiled SQL (views on the way
    are ephemeral, so theirs too), columns and configuration, what the incremental models and such tables above it have
    noted, or the content of the views, small tables and seeds above it. A run with nothing new leaves it as it is.
-#}
{% materialization table_if_changed, default %}
    {%- do one_snapshot() -%}
    {%- set existing = load_cached_relation(this) -%}
    {#- as of before the build: what changes meanwhile is built by the next run -#}
    {%- set watermarks = _watermarks() -%}
    {%- do model.update({'state_of_inputs': local_md5(_state_of_inputs(watermarks))}) -%}
    {%- if existing is not none and existing.is_table and not should_full_refresh()
        and watermarks.get(model.name, {}).get('settings') == model.state_of_inputs -%}
        {%- call statement('main') -%} select 1 {%- endcall -%}
        {{ return({'relations': [existing]}) }}
    {%- endif -%}
    {%- set build = table_materialization() -%}
    {{ return(build()) }}
{% endmaterialization %}

{#- The last post-hook of such a table. -#}
{% macro record_state() -%}
    {%- if execute and config.get('materialized') == 'table_if_changed' -%}
        {{ _write_watermark(
            consumed_seq=0, generation=0, upstream_generation=0, settings=model.state_of_inputs, as_is=true
        ) }}
    {%- endif -%}
{%- endmacro %}

{% macro _state_of_inputs(watermarks) %}
    {%- set parts = [local_md5(compiled_code), tojson(model.columns, sort_keys=true), tojson(model.config, sort_keys=true)] -%}
    {%- set waiting = model.depends_on.nodes | list -%}
    {%- set seen = [] -%}
    {%- for step in range(1000) if waiting -%}
        {%- set unique_id = waiting.pop() -%}
        {%- if unique_id not in seen -%}
            {%- do seen.append(unique_id) -%}
            {%- set node = graph.nodes[unique_id] -%}
            {%- set kind = node.config.materialized -%}
            {%- if kind == 'ephemeral' -%}
                {%- do waiting.extend(node.depends_on.nodes) -%}
            {%- elif node.name in watermarks and kind in ['incremental', 'table_if_changed'] -%}
                {%- do parts.append(node.name ~ watermarks[node.name] | string) -%}
            {%- elif node.name not in ['int_watermarks', 'int_changes'] -%}
                {%- do parts.append(node.name ~ _content_digest(api.Relation.create(
                    database=node.database, schema=node.schema, identifier=node.alias
                ))) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(parts | sort | join('; ')) }}
{% endmacro %}

{#- Whether a small table is another than when the calling model was built. -#}
{% macro has_new_content(name) %}
    {%- set known = _watermarks().get(model.name ~ '/' ~ name, {}).get('settings') if execute else none -%}
    {{ return(execute and known != local_md5(_content_digest(_relation_of(name)))) }}
{% endmacro %}

{#- Whether what the calling model names in meta.regrouped_by, if anything, is another than when it was built. -#}
{% macro _is_regrouped() %}
    {%- set name = (config.get('meta') or {}).regrouped_by -%}
    {{ return(name and has_new_content(name)) }}
{% endmacro %}

{#- Post-hook of a model that asks so. -#}
{% macro record_content(name) -%}
    {%- if execute and has_new_content(name) -%}
        {{ _write_watermark(
            consumed_seq=0, generation=0, upstream_generation=0, settings=_content_digest(_relation_of(name)),
            name=model.name ~ '/' ~ name
        ) }}
    {%- endif -%}
{%- endmacro %}

{#-
    Columns, count and sum of row hashes: equal for equal rows, in whatever order. Times as numbers, since an engine may
    show fewer digits of them than it keeps, truth values as numbers, since Redshift does not show them.
-#}
{% macro _content_digest(relation) %}
    {%- if load_relation(relation) is none -%}
        {{ return('') }}
    {%- endif -%}
    {%- set names = [] -%}
    {%- set texts = [] -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- set name, kind = adapter.quote(column.name), column.data_type | lower -%}
        {%- do names.append(column.name ~ ' ' ~ kind) -%}
        {%- set value = epoch_us(name) if 'timestamp' in kind or 'datetime' in kind
            else 'case when ' ~ name ~ ' then 1 else 0 end' if kind.startswith('bool') else name -%}
        {%- do texts.append(
            "case when " ~ name ~ " is null then '' else '=' || cast(" ~ value ~ " as " ~ dbt.type_string() ~ ") end"
        ) -%}
    {%- endfor -%}
    {%- set row = run_query(
        "select count(*), sum(" ~ as_decimal(hash63(dbt.hash(texts | join(" || '\u001f' || "))), 38, 0) ~ ") from " ~ relation
    ).rows[0] -%}
    {{ return(names | join(', ') ~ '/' ~ row[0] ~ '/' ~ row[1]) }}
{% endmacro %}
