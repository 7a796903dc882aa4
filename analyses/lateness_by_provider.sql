-- How late do events come, by provider? The share that has landed an hour, a day, `late_days` and a week
-- after it happened: `late_days` is long enough where its share is near 1.
{%- set waits = {'an_hour': 3600, 'a_day': 86400, 'late_days': 86400 * (var('late_days') | int), 'a_week': 604800} %}
select
    provider,
    count(*) as event_count,
    {%- for name, seconds in waits.items() %}
    {{ safe_divide('count(case when lateness_seconds <= ' ~ seconds ~ ' then 1 end)', 'count(*)') }}
        as landed_within_{{ name }},
    {%- endfor %}
    max(lateness_seconds) as greatest_lateness_seconds
from (
    select provider, {{ seconds_between('event_at', 'loaded_at') }} as lateness_seconds
    from {{ ref('int_events') }}
) as events
group by provider
order by provider
