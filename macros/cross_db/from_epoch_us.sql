{#- Reference: macros/_macros.yml (from_epoch_us). -#}
{% macro from_epoch_us(microseconds) -%}
    {{ return(adapter.dispatch('from_epoch_us', 'app_sessions')(microseconds)) }}
{%- endmacro %}

{#- Interval arithmetic keeps every microsecond; a division by 1e6 would not. -#}
{% macro default__from_epoch_us(microseconds) -%}
    (timestamp '1970-01-01 00:00:00' + ({{ microseconds }}) * interval '1 microsecond')
{%- endmacro %}

{% macro duckdb__from_epoch_us(microseconds) -%}
    make_timestamp({{ microseconds }})
{%- endmacro %}

{#- In days and the rest: the product of a number and an interval is computed in floating point. -#}
{% macro postgres__from_epoch_us(microseconds) -%}
    (
        timestamp '1970-01-01 00:00:00'
        + (({{ microseconds }}) / 86400000000) * interval '1 day'
        + (({{ microseconds }}) % 86400000000) * interval '1 microsecond'
    )
{%- endmacro %}
