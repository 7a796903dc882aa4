{{ config(
    materialized='tracked',
    unique_key='user_key',
    **table_layout(keys=['user_key'])
) }}
{%- set scope = rebuild_scope() %}
-- those whose part of a day's network revenue changed are among the rebuilt
{%- do stale_rows('(' ~ is_touched_user('$row') ~ ' or $row.user_key in (select rebuilt.user_key from $rebuilt as rebuilt))') %}
{%- set touched_users = _touched_users() %}
{%- set in_first_week = 'day_n <= ' ~ _first_week_day_n() %}
with

final as (

    -- one pass over all user days
    select
        user_key,
        max(case when is_active then day_n end) as last_active_day_n,
        min(case when is_active and day_n > 0 then day_n end) as first_return_day_n,
        min(case when ad_revenue_usd + network_ad_revenue_usd + iap_revenue_usd > 0 then day_n end) as first_revenue_day_n,
        {%- for day_n in [0, 1, 7] %}
        max(case when day_n = {{ day_n }} and is_active then 1 else 0 end) as is_d{{ day_n }}_active,
        {%- endfor %}
        {%- for count in ['session_count', 'app_open_count'] %}
        cast(coalesce(sum(case when {{ in_first_week }} then {{ count }} end), 0) as bigint) as week_{{ count }},
        {%- endfor %}
        {{ as_decimal('coalesce(sum(case when ' ~ in_first_week ~ ' then total_session_length_seconds end), 0)', 28, 6) }}
            as week_session_length_seconds
    from {{ ref('int_user_days') }}
    where
        day_n >= 0
        {%- if scope != 'all' %}
        and user_key in ({{ touched_users }})
        {%- endif %}
    group by user_key

)

select * from final
