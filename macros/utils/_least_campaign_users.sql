{#- Fewer users of a campaign say nothing, whatever they do. -#}
{% macro _least_campaign_users() %}{{ return(30) }}{% endmacro %}
