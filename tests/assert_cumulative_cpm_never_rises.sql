with

costs as (

    select
        campaign_day_id,
        day_n,
        spend,
        cumulative_app_open_count,
        cpm_cumulative_n_day_sessions,
        lag(cpm_cumulative_n_day_sessions) over (
            partition by app_id, platform, channel, campaign_id, install_date order by day_n
        ) as previous_cpm_cumulative_n_day_sessions
    from {{ ref('mart_cpm_n_day') }}
    -- more credits than costs in a day: less is divided by more, and rises
    where is_mature and spend >= 0

)

-- null again after a value would be a rise, too
select * from costs
where
    previous_cpm_cumulative_n_day_sessions is not null
    and (
        cpm_cumulative_n_day_sessions is null
        or cpm_cumulative_n_day_sessions > previous_cpm_cumulative_n_day_sessions
    )
