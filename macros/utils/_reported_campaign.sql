{#- `campaign_id` and `channel` of the cohort of an install by this campaign; `campaigns` is int_campaign_channels, joined. -#}
{% macro _reported_campaign(campaign_id) -%}
    case
        when {{ campaign_id }} is null or campaigns.is_organic then '(organic)'
        else campaigns.campaign_group_id
    end as campaign_id,
    case
        when {{ campaign_id }} is not null and not campaigns.is_organic then campaigns.channel
        else 'organic'
    end as channel
{%- endmacro %}
