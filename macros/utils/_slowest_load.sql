{#- The oldest of several providers' newest loads: of those that `providers` still names, or, if it names none of them, the newest. -#}
{% macro _slowest_load(newest_load_at, provider) -%}
    {%- set is_named = provider ~ " in ('" ~ var('providers') | join("', '") ~ "')" -%}
    coalesce(min(case when {{ is_named }} then {{ newest_load_at }} end), max({{ newest_load_at }}))
{%- endmacro %}
