{#- The lower or the upper bound of the 95 % Wilson interval of a share, a double from 0 to 1. -#}
{% macro wilson_bound(share, trials, side) -%}
    {%- do app_sessions._require(side in ['lower', 'upper'], 'wilson_bound', "side must be 'lower' or 'upper', got '" ~ side ~ "'") -%}
    {#- as doubles: decimals are divided to other digits by each engine -#}
    {%- set z = app_sessions._z_95() -%}
    {%- set double = app_sessions.type_double() -%}
    {%- set z_squared = 'cast(' ~ (z * z) | round(4) ~ ' as ' ~ double ~ ')' -%}
    {#- the bound of no case, or of all, is the share itself: what late digits make of it is not -#}
    {%- set beyond = ['greatest', 'least'] if side == 'lower' else ['least', 'greatest'] -%}
    case
        when {{ share }} is not null
            then {{ beyond[0] }}(
                {{ beyond[1] }}(
                    (
                        {{ share }} + {{ z_squared }} / 2 / {{ trials }}
                        {{ '-' if side == 'lower' else '+' }} {{ z }} * sqrt(
                            ({{ share }} * (1 - {{ share }}) + {{ z_squared }} / 4 / {{ trials }}) / {{ trials }}
                        )
                    ) / (1 + {{ z_squared }} / {{ trials }}),
                    {{ share }}
                ),
                {{ 0 if side == 'lower' else 1 }}
            )
    end
{%- endmacro %}

{#- So many standard deviations on either side of a normal distribution's mean hold 95 %. -#}
{% macro _z_95() -%}{{ return(1.96) }}{%- endmacro %}
