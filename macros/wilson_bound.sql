{#- Reference: macros/_macros.yml (wilson_bound). -#}
{% macro wilson_bound(share, trials, side) -%}
    {%- do app_sessions._require(side in ['low', 'high'], 'wilson_bound', "side must be 'low' or 'high', got '" ~ side ~ "'") -%}
    {#- 1.96 standard deviations of a normal one: 95 %. As doubles: decimals are divided to other digits by each engine -#}
    {%- set z = 1.96 -%}
    {%- set double = app_sessions.type_double() -%}
    {%- set z_squared = 'cast(' ~ z * z ~ ' as ' ~ double ~ ')' -%}
    case
        when {{ share }} is not null
            then {{ 'greatest' if side == 'low' else 'least' }}(
                (
                    {{ share }} + {{ z_squared }} / 2 / {{ trials }}
                    {{ '-' if side == 'low' else '+' }} {{ z }} * sqrt(
                        ({{ share }} * (1 - {{ share }}) + {{ z_squared }} / 4 / {{ trials }}) / {{ trials }}
                    )
                ) / (1 + {{ z_squared }} / {{ trials }}),
                {{ 0 if side == 'low' else 1 }}
            )
    end
{%- endmacro %}
