{{ config(
    materialized='tracked',
    unique_key=['user_key', 'event_at', 'event_key'],
    indexes=lookup_indexes([['user_key']]),
    **table_layout(date='event_at', keys=['user_key'])
) }}
{%- set scope = rebuild_scope() %}
{%- do stale_rows(is_touched_event('$row'), keeps_equal=false) %}
-- event keys are those of {{ quick_hash_version() }}

with

clues as (

    -- an install event counts whether or not it is activity; so does an install time on any event, but
    -- those of activity come with the sessions
    select *
    from {{ ref('int_events') }}
    where event_type = 'install' or (installed_at is not null and not is_activity)

),

final as (

    select
        ---------- ids
        provider,
        user_key,
        app_id,
        platform,
        user_id,
        campaign_id,
        event_key,

        ---------- strings
        channel,
        country,
        app_version,

        ---------- timestamps
        event_at,
        case when event_type = 'install' then event_at end as install_event_at,
        case
            when event_type = 'install' and (installed_at is null or event_at < installed_at)
                then event_at
            else installed_at
        end as provided_at
    from clues
    {%- if scope == 'touched' %}
    where {{ is_touched_event('clues') }}
    {%- endif %}

)

select * from final
