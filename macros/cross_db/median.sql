{#- Median as an aggregate; between two values their mean. A double. -#}
{% macro median(value) -%}
    {{ return(adapter.dispatch('median', 'app_sessions')(value)) }}
{%- endmacro %}

{#- In millionths, whole numbers whose mean is exact, however an engine computes it. -#}
{% macro default__median(value) -%}
    (
        percentile_cont(0.5) within group (
            order by round({{ as_double(value) }} * 1000000)
        ) / 1000000
    )
{%- endmacro %}

{#- Neither has it as an exact aggregate: the mean of the two values in the middle, which are one if the count is odd. -#}
{% macro bigquery__median(value) -%}
    {%- set sorted = 'array_agg(round(cast(' ~ value ~ ' as float64) * 1000000) ignore nulls order by ' ~ value ~ ')' -%}
    (
        {{ sorted }}[safe_offset(div((count({{ value }}) - 1), 2))]
        + {{ sorted }}[safe_offset(div(count({{ value }}), 2))]
    ) / 2 / 1000000
{%- endmacro %}

{% macro trino__median(value) -%}
    {%- set sorted = (
        'array_agg(round(' ~ as_double(value) ~ ' * 1000000) order by ' ~ value ~ ') filter (where ' ~ value ~ ' is not null)'
    ) -%}
    (
        element_at({{ sorted }}, (count({{ value }}) + 1) / 2)
        + element_at({{ sorted }}, count({{ value }}) / 2 + 1)
    ) / 2 / 1000000
{%- endmacro %}
