{#- Reference: macros/_macros.yml (computed_once). -#}
{% macro computed_once(name, sql, ctes={}) -%}
    {{ return(adapter.dispatch('computed_once', 'app_sessions')(name, sql, ctes)) }}
{%- endmacro %}

{% macro default__computed_once(name, sql, ctes) -%}{{ return(sql) }}{%- endmacro %}

{#-
    Spark writes a CTE out wherever it is read, with all that it reads: of sessions some hundred times. So it is computed
    and cached before, by the session that reads it. Databricks has a cache of its own that finds what is equal.
-#}
{% macro spark__computed_once(name, sql, ctes) -%}
    {%- if not execute or flags.WHICH not in ['run', 'build', 'retry'] -%}
        {{ return(sql) }}
    {%- endif -%}
    {%- set view = model.name ~ '__' ~ name -%}
    {%- set before = [] -%}
    {%- for cte, query in ctes.items() -%}{%- do before.append(cte ~ ' as (' ~ query ~ ')') -%}{%- endfor -%}
    {%- do run_query('uncache table if exists ' ~ view) -%}
    {%- do run_query(
        'create or replace temporary view ' ~ view ~ ' as ' ~ ('with ' ~ before | join(', ') if before else '')
        ~ ' select * from (' ~ sql ~ ') as computed'
    ) -%}
    {%- do run_query('cache table ' ~ view) -%}
    {{ return('select * from ' ~ view) }}
{%- endmacro %}

{% macro databricks__computed_once(name, sql, ctes) -%}{{ return(sql) }}{%- endmacro %}
