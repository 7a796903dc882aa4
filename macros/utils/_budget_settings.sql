{#- Spend and installs of so many complete dates are recent. -#}
{% macro _budget_days() %}{{ return(28) }}{% endmacro %}

{#- Fewer dates with spend do not say how cost per install wanders. -#}
{% macro _budget_least_dates() %}{{ return(7) }}{% endmacro %}
