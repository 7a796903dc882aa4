with

staged as (

    {% for provider in var('providers') -%}
    select * from {{ ref('stg_' ~ provider ~ '__ad_revenue') }}
    {{ 'union all ' if not loop.last }}
    {% endfor %}

),

final as (

    {{ with_usd('staged', 'revenue', 'revenue_date', ['impressions']) }}

)

select
    provider,
    coalesce(app_id, '(unattributed)') as app_id,
    platform,
    country,
    ad_network,
    currency,
    rejection_reason,
    revenue,
    revenue_usd,
    impressions,
    revenue_date,
    updated_at
from final
