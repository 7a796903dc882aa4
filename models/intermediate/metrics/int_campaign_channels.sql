{{ config(materialized='tracked_view') }}
{%- set columns = ['app_id', 'platform', 'campaign_id', 'campaign_group_id', 'channel', 'is_organic'] -%}
with

final as (

    -- a campaign by the channel that a feed or an install names, and by none
    select {{ columns | join(', ') }}, channel as named_channel
    from {{ ref('dim_campaigns') }}
    union all
    select {{ columns | join(', ') }}, '' as named_channel
    from {{ ref('dim_campaigns') }}
    where is_default_channel

)

select * from final
