{#- Until when all revenue of a provider is there, of a row of int_feed_completeness; a feed that is not there is not waited for. -#}
{% macro _revenue_loaded_at(row) -%}
    {{ return('least(' ~ row ~ '.events_loaded_at, coalesce(' ~ row ~ '.ad_revenue_loaded_at, ' ~ row ~ '.events_loaded_at))') }}
{%- endmacro %}
