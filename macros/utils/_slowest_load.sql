{#- Condition: is the provider one of `ended_providers`? -#}
{% macro _has_ended(provider) -%}
    {{ return(provider ~ ' in ' ~ _in_list(var('ended_providers')) if var('ended_providers') else 'false') }}
{%- endmacro %}

{#- The oldest of several providers' newest loads, without those that have ended; the newest, where all have. -#}
{% macro _slowest_load(newest_load_at, provider) -%}
    {%- if var('ended_providers') -%}
    coalesce(
        min(case when not ({{ _has_ended(provider) }}) then {{ newest_load_at }} end),
        max({{ newest_load_at }})
    )
    {%- else -%}
    min({{ newest_load_at }})
    {%- endif -%}
{%- endmacro %}
