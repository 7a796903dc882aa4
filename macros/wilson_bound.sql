{#- Reference: macros/_macros.yml (wilson_bound). -#}
{% macro wilson_bound(share, trials, side) -%}
    {%- do _require(side in ['low', 'high'], 'wilson_bound', "side must be 'low' or 'high', got '" ~ side ~ "'") -%}
    {#- 1.96 standard deviations of a normal one: 95 % -#}
    {%- set z = 1.96 -%}
    case
        when {{ share }} is not null
            then {{ 'greatest' if side == 'low' else 'least' }}(
                (
                    {{ share }} + {{ z * z / 2 }} / {{ trials }}
                    {{ '-' if side == 'low' else '+' }} {{ z }} * sqrt(
                        ({{ share }} * (1 - {{ share }}) + {{ z * z / 4 }} / {{ trials }}) / {{ trials }}
                    )
                ) / (1 + {{ z * z }} / {{ trials }}),
                {{ 0 if side == 'low' else 1 }}
            )
    end
{%- endmacro %}
