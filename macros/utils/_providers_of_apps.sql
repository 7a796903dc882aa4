{#- Selects the providers that events of an app come from; an export that names no installs has sessions. -#}
{% macro _providers_of_apps() %}
    select distinct app_id, platform, provider
    from {{ ref('fct_installs') }}
    {%- if not var('infer_installs') %}
    union all
    select distinct app_id, platform, provider
    from {{ ref('int_sessions') }}
    {%- endif %}
{% endmacro %}
