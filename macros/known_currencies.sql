{#- Reference: macros/_macros.yml (known_currencies). -#}
{% macro known_currencies() %}
    {%- set rates = ref('exchange_rates') -%}
    {%- if not execute or load_relation(rates) is none -%}{{ return("''") }}{%- endif -%}
    {%- set found = run_query("select distinct currency from " ~ rates ~ " order by 1").columns[0].values() | list -%}
    {{ return(_literals(found) or "''") }}
{% endmacro %}
