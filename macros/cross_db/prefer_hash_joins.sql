{#- Reference: macros/_macros.yml (prefer_hash_joins). -#}
{% macro prefer_hash_joins() -%}
    {{ return(adapter.dispatch('prefer_hash_joins', 'app_sessions')()) }}
{%- endmacro %}

{% macro default__prefer_hash_joins() -%}{%- endmacro %}

{#-
    Postgres expects one row of a join of several columns where there are thousands, and then loops through one table
    for each row of the other. Whole tables are always better hashed; of a few touched actors the index is better.
-#}
{% macro postgres__prefer_hash_joins() -%}
    {%- if execute -%}{%- do run_query('set local enable_nestloop = off') -%}{%- endif -%}
{%- endmacro %}

{% macro redshift__prefer_hash_joins() -%}{%- endmacro %}
