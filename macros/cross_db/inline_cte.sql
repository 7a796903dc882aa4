{#- `as {{ inline_cte() }} (`: a wide CTE that is read again must not be kept in memory. -#}
{% macro inline_cte() -%}
    {{ return(adapter.dispatch('inline_cte', 'app_sessions')()) }}
{%- endmacro %}

{% macro default__inline_cte() -%}{%- endmacro %}

{% macro duckdb__inline_cte() -%}not materialized{%- endmacro %}
