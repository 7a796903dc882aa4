{#- The least value that at least a share of the values do not exceed, as an aggregate: an actual value, so that engines agree. -#}
{% macro percentile(value, fraction) -%}
    {{ return(adapter.dispatch('percentile', 'app_sessions')(value, fraction)) }}
{%- endmacro %}

{% macro default__percentile(value, fraction) -%}
    percentile_disc({{ fraction }}) within group (order by {{ value }})
{%- endmacro %}

{#-
    BigQuery and Redshift have the exact one as a window function only. As an aggregate they approximate it, by an actual
    value, too; an array of all values may be larger than BigQuery lets one be.
-#}
{% macro bigquery__percentile(value, fraction) -%}
    approx_quantiles({{ value }}, 1000)[offset(cast({{ fraction }} * 1000 as int64))]
{%- endmacro %}

{% macro redshift__percentile(value, fraction) -%}
    approximate percentile_disc({{ fraction }}) within group (order by {{ value }})
{%- endmacro %}

{#- approx_percentile would give the value above, and a mean of several where there are many. -#}
{% macro trino__percentile(value, fraction) -%}
    element_at(
        array_agg({{ value }} order by {{ value }}) filter (where {{ value }} is not null),
        greatest(cast(ceiling({{ fraction }} * count({{ value }})) as bigint), 1)
    )
{%- endmacro %}
