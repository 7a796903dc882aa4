{#- The oldest of several providers' newest loads, without those that have ended; the newest, where all have. -#}
{% macro _slowest_load(newest_load_at, provider) -%}
    {%- set ended = var('ended_providers') -%}
    {%- if ended -%}
    coalesce(
        min(case when {{ provider }} not in ({{ "'" ~ ended | join("', '") ~ "'" }}) then {{ newest_load_at }} end),
        max({{ newest_load_at }})
    )
    {%- else -%}
    min({{ newest_load_at }})
    {%- endif -%}
{%- endmacro %}
