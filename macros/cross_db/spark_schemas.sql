{#- As dbt-spark's own, but once a run: dbt asks for each schema that it is to build in. -#}
{% macro spark__list_schemas(database) -%}
    {%- set cache = run_cache() -%}
    {%- if 'schemas' not in cache -%}
        {%- call statement('list_schemas', fetch_result=True, auto_begin=False) -%}show databases{%- endcall -%}
        {%- do cache.update({'schemas': load_result('list_schemas').table}) -%}
    {%- endif -%}
    {{ return(cache.schemas) }}
{%- endmacro %}
