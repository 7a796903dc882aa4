{#-
    Queries of a few rows, of which a run asks many before it knows that nothing is new. Where a statement takes a
    second (Spark) those that are known beforehand are asked by one, and `asked_rows` finds their rows.
-#}

{#- The rows of a query, asked before or now. -#}
{% macro asked_rows(sql) %}
    {%- set answers = run_cache().get('answers', {}) -%}
    {{ return(answers[sql] if sql in answers else run_query(sql).rows) }}
{% endmacro %}

{#- Whether one statement asks several. -#}
{% macro asks_together() %}
    {{ return(adapter.dispatch('asks_together', 'app_sessions')()) }}
{% endmacro %}

{% macro default__asks_together() %}{{ return(false) }}{% endmacro %}

{% macro spark__asks_together() %}{{ return(true) }}{% endmacro %}

{% macro databricks__asks_together() %}{{ return(false) }}{% endmacro %}

{#- Asks these queries by one statement, for `asked_rows`. Rows come as JSON, which has all digits of a whole number. -#}
{% macro ask_together(queries) %}
    {%- set answers = run_cache().setdefault('answers', {}) -%}
    {%- set open, selects, rows = queries | unique(true) | reject('in', answers) | list, [], {} -%}
    {%- for sql in open -%}
        {%- do selects.append(
            "select " ~ loop.index0 ~ " as number, to_json(struct(*), map('ignoreNullFields', 'false')) as answer from (" ~ sql
            ~ ") as asked"
        ) -%}
    {%- endfor -%}
    {%- for number, answer in (run_query(selects | join(' union all ')) if selects else []) -%}
        {%- do rows.setdefault(number | int, []).append(fromjson(answer).values() | list) -%}
    {%- endfor -%}
    {%- for sql in open -%}{%- do answers.update({sql: rows.get(loop.index0, [])}) -%}{%- endfor -%}
{% endmacro %}

{#- At the start of a run: what it asks whatever is new. Of seeds that this run is to load, nothing is known yet. -#}
{% macro ask_at_start() %}
    {%- if not execute or flags.WHICH not in ['run', 'build', 'retry'] or not asks_together() -%}{{ return('') }}{%- endif -%}
    {%- set queries = [_engine_query()] -%}
    {%- for name, query in {
        'state_models': _states_query, 'state_files': _input_query, 'column_aliases': _aliases_query,
        'session_settings': _session_settings_query, 'erased_users': _first_row_query, 'event_types': _event_types_query,
        'exchange_rates': _currencies_query
    }.items() -%}
        {%- set relation = load_relation(_relation_of(name)) -%}
        {%- if relation and 'seed.app_sessions.' ~ name not in selected_resources -%}{%- do queries.append(query(relation)) -%}{%- endif -%}
    {%- endfor -%}
    {%- set counted_loads = load_relation(_relation_of('int_event_loads')) -%}
    {%- for provider in _event_providers() -%}
        {%- if counted_loads -%}{%- do queries.append(_counted_date_query(counted_loads, provider)) -%}{%- endif -%}
    {%- endfor -%}
    {%- for seed in graph.nodes.values() if seed.resource_type == 'seed' and _is_digested_with_others(seed) -%}
        {%- set relation = load_relation(api.Relation.create(database=seed.database, schema=seed.schema, identifier=seed.alias)) -%}
        {%- if relation -%}{%- do queries.append(_own_digest_query(seed.unique_id, relation)) -%}{%- endif -%}
    {%- endfor -%}
    {%- do ask_together(queries) -%}
{% endmacro %}
