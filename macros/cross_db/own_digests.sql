{#- Digests of tables' own rows, {name: digest}, of {name: relation}; `nothing` where there is none. -#}
{% macro own_digests(relations) %}
    {{ return(adapter.dispatch('own_digests', 'app_sessions')(relations)) }}
{% endmacro %}

{% macro default__own_digests(relations) %}
    {%- set found = {} -%}
    {%- for name, relation in relations.items() -%}
        {%- do found.update({name: own_digest(relation) if relation else 'nothing'}) -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{% macro databricks__own_digests(relations) %}{{ return(default__own_digests(relations)) }}{% endmacro %}

{#- One statement of all: names of columns are in the JSON, where nulls are left out, and times have all digits. -#}
{% macro spark__own_digests(relations) %}
    {%- set found, queries = {}, [] -%}
    {%- for name, relation in relations.items() -%}
        {%- do found.update({name: 'nothing'}) -%}
        {%- if relation -%}{%- do queries.append(_own_digest_query(name, relation)) -%}{%- endif -%}
    {%- endfor -%}
    {%- set answers = run_cache().get('answers', {}) -%}
    {%- set rows, open = [], queries | reject('in', answers) | list -%}
    {%- for sql in queries if sql in answers -%}{%- do rows.extend(answers[sql]) -%}{%- endfor -%}
    {%- if open -%}{%- do rows.extend(run_query(open | join(' union all ')).rows) -%}{%- endif -%}
    {%- for name, count, digest in rows -%}
        {%- do found.update({name: local_md5(count ~ '/' ~ digest)}) -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{% macro _own_digest_query(name, relation) %}
    {{ return(
        "select '" ~ name ~ "' as name, count(*) as row_count, sum(cast(xxhash64(to_json(struct(*),"
        ~ " map('timestampFormat', 'yyyy-MM-dd HH:mm:ss.SSSSSS'))) as decimal(38, 0))) as digest from " ~ relation
    ) }}
{% endmacro %}

{#- Seeds whose digests are asked for with that of a seed, where a statement costs more than their rows. -#}
{% macro seeds_digested_with(node) %}
    {{ return(adapter.dispatch('seeds_digested_with', 'app_sessions')(node)) }}
{% endmacro %}

{% macro default__seeds_digested_with(node) %}{{ return([]) }}{% endmacro %}

{% macro databricks__seeds_digested_with(node) %}{{ return([]) }}{% endmacro %}

{#- Not those that this run is to load: they may not be there yet. -#}
{% macro spark__seeds_digested_with(node) %}
    {%- set seeds = [] -%}
    {%- for seed in graph.nodes.values() if node.resource_type == 'seed' and seed.resource_type == 'seed'
        and seed.package_name == node.package_name and seed.unique_id != node.unique_id and _is_digested_with_others(seed) -%}
        {%- do seeds.append(seed) -%}
    {%- endfor -%}
    {{ return(seeds) }}
{% endmacro %}

{% macro _is_digested_with_others(seed) %}
    {{ return(
        seed.unique_id not in selected_resources and not seed.config.meta.is_in_sql and not seed.name.startswith('sample_')
    ) }}
{% endmacro %}

{#- A digest of a table's own rows, by which those who read it know whether they have changed. -#}
{% macro own_digest(relation) %}
    {{ return(adapter.dispatch('own_digest', 'app_sessions')(relation)) }}
{% endmacro %}

{% macro default__own_digest(relation) %}{{ return(local_md5(_content_digest(relation))) }}{% endmacro %}

{#- DuckDB's hash of a whole row, a tenth of the time. -#}
{% macro duckdb__own_digest(relation) %}
    {%- set row = run_query("select count(*), sum(hash(t)) from " ~ relation ~ " as t").rows[0] -%}
    {{ return(local_md5(row[0] ~ '/' ~ row[1])) }}
{% endmacro %}

{% macro spark__own_digest(relation) %}{{ return(own_digests({'own': relation}).own) }}{% endmacro %}

{% macro databricks__own_digest(relation) %}{{ return(default__own_digest(relation)) }}{% endmacro %}
