{#- Reference: macros/_macros.yml (seconds_between). A product of decimals is exact on every engine. -#}
{% macro seconds_between(earlier, later) -%}
    cast(cast({{ epoch_us(later) }} - {{ epoch_us(earlier) }} as decimal(18, 0)) * 0.000001 as decimal(18, 6))
{%- endmacro %}
