{#- Seconds from one instant to another, decimal(18, 6). A product of decimals is exact on every engine. -#}
{% macro seconds_between(earlier, later) -%}
    {%- set microseconds = app_sessions.epoch_us(later) ~ ' - ' ~ app_sessions.epoch_us(earlier) -%}
    {%- set millionth = app_sessions.as_decimal("'0.000001'", 7, 6) -%}
    {{ app_sessions.as_decimal(app_sessions.as_decimal(microseconds, 18, 0) ~ ' * ' ~ millionth, 18, 6) }}
{%- endmacro %}
