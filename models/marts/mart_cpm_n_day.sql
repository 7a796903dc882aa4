{{ config(**table_layout(date='install_date', keys=['app_id', 'campaign_id'])) }}
with

final as (

    select
        ---------- ids
        campaign_day_id,
        app_id,
        platform,
        campaign_id,

        ---------- strings
        channel,
        reporting_currency,

        ---------- numerics: roll up as 1000 * sum(spend) / sum(app_open_count), rows of one day_n at a time
        day_n,
        tracked_installs,
        spend,
        app_open_count,
        cumulative_app_open_count,
        inferred_app_open_count,
        inferred_cumulative_app_open_count,
        {{ safe_divide('1000 * spend', 'app_open_count') }} as cpm_n_day_sessions,
        {{ safe_divide('1000 * spend', 'cumulative_app_open_count') }} as cpm_cumulative_n_day_sessions,

        ---------- booleans
        is_organic,
        is_mature,

        ---------- dates
        install_date
    from {{ ref('mart_campaigns_n_day') }}

)

select * from final
