{#- A dictionary that lasts for the run, where nobody else can change the database meanwhile; else for one call. -#}
{% macro run_cache() %}
    {{ return(adapter.dispatch('run_cache', 'app_sessions')()) }}
{% endmacro %}

{% macro default__run_cache() %}{{ return({}) }}{% endmacro %}

{% macro duckdb__run_cache() %}{{ return(_cache_of_run()) }}{% endmacro %}

{% macro spark__run_cache() %}{{ return(_cache_of_run()) }}{% endmacro %}

{% macro databricks__run_cache() %}{{ return({}) }}{% endmacro %}

{% macro _cache_of_run() %}
    {%- if graph.get('app_sessions', {}).invocation_id != invocation_id -%}
        {%- do graph.update({'app_sessions': {'invocation_id': invocation_id}}) -%}
    {%- endif -%}
    {{ return(graph['app_sessions']) }}
{% endmacro %}
