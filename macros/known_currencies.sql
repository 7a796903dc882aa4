{#- The currencies that `seeds/exchange_rates.csv` has a rate for, as texts for `in (…)`, read when the model is compiled. -#}
{% macro known_currencies() %}
    {%- set rates = ref('exchange_rates') -%}
    {%- if not execute or load_relation(rates) is none -%}{{ return("''") }}{%- endif -%}
    {%- set found = run_query("select distinct currency from " ~ rates ~ " order by 1").columns[0].values() | list -%}
    {{ return(_literals(found) or "''") }}
{% endmacro %}
