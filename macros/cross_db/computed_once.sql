{#- Reference: macros/_macros.yml (computed_once). -#}
{% macro computed_once(name, sql, ctes={}) -%}
    {{ return(adapter.dispatch('computed_once', 'app_sessions')(name, sql, ctes)) }}
{%- endmacro %}

{% macro default__computed_once(name, sql, ctes) -%}{{ return(sql) }}{%- endmacro %}

{#-
    Spark writes a CTE out wherever it is read, with all that it reads: of sessions some hundred times. So it becomes a
    table before, which the model's materialization drops (`meta.computed`); one that a killed run left is replaced.
-#}
{% macro spark__computed_once(name, sql, ctes) -%}
    {%- if not execute or flags.WHICH not in ['run', 'build', 'retry'] -%}
        {{ return(sql) }}
    {%- endif -%}
    {%- set before = [] -%}
    {%- for cte, query in ctes.items() -%}{%- do before.append(cte ~ ' as (' ~ query ~ ')') -%}{%- endfor -%}
    {%- do run_query(
        'create or replace table ' ~ _computed_table(name) ~ ' using iceberg as '
        ~ ('with ' ~ before | join(', ') if before else '') ~ ' select * from (' ~ sql ~ ') as computed'
    ) -%}
    {{ return('select * from ' ~ _computed_table(name)) }}
{%- endmacro %}

{% macro _computed_table(name) -%}
    {{ return(this.incorporate(path={'identifier': this.identifier ~ '__' ~ name}, type='table')) }}
{%- endmacro %}

{% macro databricks__computed_once(name, sql, ctes) -%}{{ return(sql) }}{%- endmacro %}
