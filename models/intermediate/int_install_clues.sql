-- An install event counts whether or not it is activity; so does an install time on any event, but
-- those of activity come with the sessions.
select
    user_key,
    app_id,
    platform,
    user_id,
    campaign_id,
    channel,
    country,
    app_version,
    event_key,
    case when event_type = 'install' then event_at end as install_event_at,
    case
        when event_type = 'install' and (installed_at is null or event_at < installed_at)
            then event_at
        else installed_at
    end as provided_at
from {{ ref('int_events') }}
where event_type = 'install' or (installed_at is not null and not is_activity)
