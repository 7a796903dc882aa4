{#- Reference: macros/_macros.yml (epoch_us). -#}
{% macro epoch_us(timestamp) -%}
    {{ return(adapter.dispatch('epoch_us', 'app_sessions')(timestamp)) }}
{%- endmacro %}

{% macro default__epoch_us(timestamp) -%}
    cast(extract(epoch from {{ timestamp }}) * 1000000 as bigint)
{%- endmacro %}

{% macro duckdb__epoch_us(timestamp) -%}
    epoch_us({{ timestamp }})
{%- endmacro %}
