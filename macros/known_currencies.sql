{#- The currencies that `seeds/exchange_rates.csv` has a rate for, as texts for `in (…)`, read when the model is compiled. -#}
{% macro known_currencies() %}
    {{ return(_literals(_currencies_with_a_rate(ref('exchange_rates'))) or "''") }}
{% endmacro %}

{#- A list; empty where the table of rates is not there yet. -#}
{% macro _currencies_with_a_rate(rates) %}
    {%- if not execute or load_relation(rates) is none -%}{{ return([]) }}{%- endif -%}
    {{ return(asked_rows(_currencies_query(rates)) | map('first') | list) }}
{% endmacro %}

{% macro _currencies_query(rates) %}{{ return("select distinct currency from " ~ rates ~ " order by 1") }}{% endmacro %}
