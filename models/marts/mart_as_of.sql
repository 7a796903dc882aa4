{%- set feeds = ['events', 'ad_spend', 'ad_revenue'] -%}
{#- for all apps, of whatever zone -#}
{%- set zones = [var('reporting_timezone')] + app_time_zones().keys() | list -%}
{%- set dates = [last_complete_date('known.newest_load_at', none)] -%}
{%- for app_ids in app_time_zones().values() -%}
    {%- do dates.append(last_complete_date('known.newest_load_at', text_literal(app_ids[0]))) -%}
{%- endfor -%}
{%- set has_ended = _has_ended('all_feeds.provider') -%}
with

expected as (

    {% for feed in feeds -%}
    {% set is_last_feed = loop.last -%}
    {% for provider in _event_providers() + _reports(feed) -%}
    select '{{ provider }}' as provider, '{{ feed }}' as feed
    {{ 'union all ' if not (is_last_feed and loop.last) }}
    {%- endfor %}
    {%- endfor %}

),

known as (

    select provider, feed, newest_load_at, is_timed
    from {{ ref('int_feed_loads') }}

),

all_feeds as (

    select distinct provider, feed
    from (
        select provider, feed from expected
        union all
        select provider, feed from known
    ) as namings

),

final as (

    select
        ---------- ids
        {{ mart_key(['all_feeds.provider', 'all_feeds.feed']) }} as provider_feed_id,

        ---------- strings
        all_feeds.provider,
        all_feeds.feed,
        case
            when {{ has_ended }} then 'one of ended_providers: what it brought stays, and others do not wait for it'
            when known.provider is null
                then 'no row of this feed was accepted: that of another provider stands for it, if there is one'
            {%- if var('as_of') %}
            else 'the variable as_of stands for the newest load'
            {%- else %}
            when not known.is_timed
                then 'no time of a load is known: the beginning of the newest day stands for it'
            else 'the newest accepted load'
            {%- endif %}
        end
        || '; a day is complete {{ var("late_days") }} days after it is over in {{ zones | unique | join(", ") }}' as reason,

        ---------- booleans
        {{ has_ended }} as has_ended,

        ---------- dates and timestamps
        {{ 'least(' ~ dates | join(', ') ~ ')' if dates | length > 1 else dates[0] }} as last_complete_date,
        known.newest_load_at
    from all_feeds
    left join known
        on all_feeds.provider = known.provider and all_feeds.feed = known.feed

)

select * from final
