{#-
    How an incremental run knows what to do: reference in macros/_macros.yml.

    int_changes holds (change_seq, user_key, event_at): from when on something of an actor is another than before. The
    log notes each event that came or went; int_sessions the start of the chain that it is in, where that is earlier;
    fct_installs the actor's first session, where the install itself changed. int_watermarks holds, per incremental
    model, how far it has consumed them (`consumed_seq`), how often it was rebuilt whole (`generation`), what it was
    built from (`upstream_generation`) and under which settings. A model writes its own row in the transaction that
    changes its table, so a killed run leaves both as they were.
-#}

{#- The table of a model or seed of this project, also for a model that does not depend on it by itself. -#}
{% macro _relation_of(name) %}
    {%- set node = graph.nodes.get('model.app_sessions.' ~ name) or graph.nodes['seed.app_sessions.' ~ name] -%}
    {{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias, type='table')) }}
{% endmacro %}

{#- {model_name: {consumed_seq, generation, upstream_generation, settings}} -#}
{% macro _watermarks() %}
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
    {%- endif -%}
    {{ return(found) }}
{% endmacro %}

{#- How far all of what the calling model is made of, meta.upstream, has come, as one; none if one was never built. -#}
{% macro _upstream_watermark(watermarks) %}
    {%- set upstream = config.get('meta').upstream -%}
    {%- set found = [] -%}
    {%- for name in ([upstream] if upstream is string else upstream) -%}
        {%- do found.append(watermarks.get(name)) -%}
    {%- endfor -%}
    {%- if none in found -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return({
        'consumed_seq': found | map(attribute='consumed_seq') | min,
        'generation': found | map(attribute='generation') | sum
    }) }}
{% endmacro %}

{#- 'all', 'none' or 'touched': what this run has to rebuild of the model that calls it. -#}
{% macro rebuild_scope() %}
    {%- do ref('int_changes') -%}
    {%- do ref('int_watermarks') -%}
    {%- if not execute or not is_incremental() -%}
        {{ return('all') }}
    {%- endif -%}
    {%- set watermarks = _watermarks() -%}
    {%- set mine = watermarks.get(model.name) -%}
    {%- set theirs = _upstream_watermark(watermarks) -%}
    {%- if mine is none or theirs is none
        or mine.upstream_generation != theirs.generation
        or mine.settings.split(' ')[0] != local_md5(model_definition(watermarks)) -%}
        {{ return('all') }}
    {%- endif -%}
    {%- if theirs.consumed_seq > mine.consumed_seq -%}
        {{ return('touched') }}
    {%- endif -%}
    {{ return('none') }}
{% endmacro %}

{#- Whether the model's file is another than when it was last built. -#}
{% macro _is_edited(watermark) %}
    {{ return(watermark.settings.split(' ')[-1] != model.checksum.checksum) }}
{% endmacro %}

{#- Whether this run has nothing to do for the calling model, which is there already. -#}
{% macro is_nothing_new() %}
    {%- set meta = config.get('meta') or {} -%}
    {{ return(
        (meta.filled_by is defined and meta.filled_by != 'its hook')
        or meta.upstream is defined
        and rebuild_scope() == 'none'
        and not _is_edited(_watermarks()[model.name])
        and not _is_regrouped()
    ) }}
{% endmacro %}

{#- The changes that the model has not consumed yet, as a subquery: user_key, event_at. -#}
{% macro pending_changes() -%}
    {%- set watermarks = _watermarks() if execute else {} -%}
    {%- set after = watermarks.get(model.name, {}).get('consumed_seq', 0) -%}
    {%- set until = (_upstream_watermark(watermarks) or {}).get('consumed_seq', 0) -%}
    (
        select user_key, event_at
        from {{ ref('int_changes') }}
        where change_seq > {{ after }} and change_seq <= {{ until }}
    )
{%- endmacro %}

{#- Post-hook of a model that consumes changes: one statement. -#}
{% macro record_watermark() -%}
    {%- if execute -%}
    {%- set watermarks = _watermarks() -%}
    {%- set mine = watermarks.get(model.name, {'generation': 0}) -%}
    {%- set theirs = _upstream_watermark(watermarks) or {'consumed_seq': 0, 'generation': 0} -%}
    {%- set scope = rebuild_scope() -%}
    {%- if scope == 'none' and not _is_edited(mine) -%}
        select 1
    {%- else -%}
        {{ _write_watermark(
            consumed_seq=theirs.consumed_seq,
            generation=mine.generation + (1 if scope == 'all' else 0),
            upstream_generation=theirs.generation,
            settings=local_md5(model_definition(watermarks)) ~ ' ' ~ model.checksum.checksum,
            as_is=true
        ) }}
    {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{#-
    Post-hook of dim_dates: up to which changes it has all dates, and a new generation for other rates. By this name it is
    one more upstream of incremental models that join it.
-#}
{% macro record_dates() -%}
    {%- if execute -%}
        {%- set watermarks = _watermarks() -%}
        {%- set mine = watermarks.get('dim_dates/rates', {'generation': 0}) -%}
        {%- set rates = var('reporting_currency') ~ _content_digest(_relation_of('exchange_rates')) -%}
        {{ _write_watermark(
            consumed_seq=watermarks.get('fct_user_days', {'consumed_seq': 0}).consumed_seq,
            generation=mine.generation + (0 if mine.get('settings') == local_md5(rates) else 1),
            upstream_generation=0,
            settings=rates,
            name='dim_dates/rates'
        ) }}
    {%- endif -%}
{%- endmacro %}

{#- `settings` are kept as their md5, or as they are: where that is one already, or somebody is to read what changed. -#}
{% macro _write_watermark(
    consumed_seq, generation, upstream_generation, settings, as_is=false, name=model.name
) -%}
    {%- set relation = _relation_of('int_watermarks') -%}
    {%- set kept = dbt.escape_single_quotes(settings) if as_is else local_md5(settings) -%}
    {{ write_row(relation, 'model_name', {
        'model_name': "'" ~ name ~ "'", 'consumed_seq': consumed_seq, 'generation': generation,
        'upstream_generation': upstream_generation, 'settings': dbt.string_literal(kept)
    }) }}
{%- endmacro %}

{#- The filter of a model that is rebuilt user by user. -#}
{% macro where_touched(scope) -%}
    {%- if scope == 'none' -%}
        where 1 = 0
    {%- elif scope == 'touched' -%}
        where user_key in (select user_key from {{ pending_changes() }} as pending)
    {%- endif -%}
{%- endmacro %}
