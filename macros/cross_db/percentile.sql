{#- Reference: macros/_macros.yml (percentile). -#}
{% macro percentile(value, fraction) -%}
    {{ return(adapter.dispatch('percentile', 'app_sessions')(value, fraction)) }}
{%- endmacro %}

{% macro default__percentile(value, fraction) -%}
    percentile_disc({{ fraction }}) within group (order by {{ value }})
{%- endmacro %}

{#- has percentile_disc as a window function only -#}
{% macro bigquery__percentile(value, fraction) -%}
    approx_quantiles({{ value }}, 1000)[offset(cast({{ fraction }} * 1000 as int64))]
{%- endmacro %}

{% macro redshift__percentile(value, fraction) -%}
    approximate percentile_disc({{ fraction }}) within group (order by {{ value }})
{%- endmacro %}

{#- has neither percentile_disc nor percentile_cont -#}
{% macro trino__percentile(value, fraction) -%}
    approx_percentile({{ value }}, {{ fraction }})
{%- endmacro %}
