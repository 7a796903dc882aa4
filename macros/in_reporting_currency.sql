{#- An amount in US dollars, in the var `reporting_currency`, unrounded. -#}
{% macro in_reporting_currency(usd, units_per_usd) -%}
    {#- a dollar is a dollar: nothing to multiply, and no digits to round away -#}
    {{ usd if var('reporting_currency') | upper == 'USD' else usd ~ ' * ' ~ units_per_usd }}
{%- endmacro %}
