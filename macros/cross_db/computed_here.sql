{#-
    At the end of a subquery: what it computes is computed once, and not written out wherever it is read. Postgres would
    else put a column's expression in place of each mention of it, and mentions in mentions grow beyond measure.
-#}
{% macro computed_here() -%}
    {{ return(adapter.dispatch('computed_here', 'app_sessions')()) }}
{%- endmacro %}

{% macro default__computed_here() -%}{%- endmacro %}

{% macro postgres__computed_here() -%}offset 0{%- endmacro %}

{% macro redshift__computed_here() -%}{%- endmacro %}
