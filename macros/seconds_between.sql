{#- Reference: macros/_macros.yml (seconds_between). A product of decimals is exact on every engine. -#}
{% macro seconds_between(earlier, later) -%}
    {{ as_decimal(
        as_decimal(epoch_us(later) ~ ' - ' ~ epoch_us(earlier), 18, 0) ~ ' * ' ~ as_decimal("'0.000001'", 7, 6), 18, 6
    ) }}
{%- endmacro %}
