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
    {%- set found, selects = {}, [] -%}
    {%- for name, relation in relations.items() -%}
        {%- do found.update({name: 'nothing'}) -%}
        {%- if relation -%}
            {%- do selects.append(
                "select '" ~ name ~ "', count(*), sum(cast(xxhash64(to_json(struct(*),"
                ~ " map('timestampFormat', 'yyyy-MM-dd HH:mm:ss.SSSSSS'))) as decimal(38, 0))) from " ~ relation
            ) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- for name, count, digest in (run_query(selects | join(' union all ')) if selects else []) -%}
        {%- do found.update({name: local_md5(count ~ '/' ~ digest)}) -%}
    {%- endfor -%}
    {{ return(found) }}
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
        and seed.package_name == node.package_name and seed.unique_id not in [node.unique_id] + selected_resources
        and not seed.config.meta.is_in_sql and not seed.name.startswith('sample_') -%}
        {%- do seeds.append(seed) -%}
    {%- endfor -%}
    {{ return(seeds) }}
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
