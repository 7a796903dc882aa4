{%- set measures = [
    'tracked_installs', 'inferred_installs', 'spend', 'campaign_impressions', 'campaign_clicks', 'reported_installs'
] -%}
select cells.campaign_day_id
from {{ ref('mart_campaigns_n_day') }} as cells
left join {{ ref('mart_campaigns_daily') }} as days
    on
        cells.app_id = days.app_id
        and cells.platform = days.platform
        and cells.channel = days.channel
        and cells.campaign_id = days.campaign_id
        and cells.install_date = days.campaign_date
where
    cells.is_mature
    and (
        coalesce(days.is_complete, false) = false
        {%- for measure in measures %}
        or not ({{ is_same('cells.' ~ measure, 'days.' ~ measure) }})
        {%- endfor %}
    )
