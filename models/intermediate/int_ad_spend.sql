with

staged as (

    {% for provider in var('providers') -%}
    select * from {{ ref('stg_' ~ provider ~ '__ad_spend') }}
    {{ 'union all ' if not loop.last }}
    {% endfor %}

),

final as (

    {{ with_usd('staged', 'spend', 'spend_date', ['impressions', 'clicks', 'reported_installs']) }}

)

select
    provider,
    -- spend that cannot be tied to an app or a campaign is kept, and named
    coalesce(app_id, '(unattributed)') as app_id,
    platform,
    coalesce(campaign_id, '(unattributed)') as campaign_id,
    campaign_name,
    channel,
    country,
    currency,
    rejection_reason,
    spend,
    spend_usd,
    impressions,
    clicks,
    reported_installs,
    spend_date,
    updated_at
from final
