{#- One row for each of the numbers. -#}
{% macro _rows_of(numbers, name) -%}
    {%- for number in numbers | unique -%}
    select cast({{ number }} as bigint) as {{ name }} {{ 'union all ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
