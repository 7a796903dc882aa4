{{ config(
    unique_key='install_id',
    **table_layout(date='install_date', keys=['user_key'])
) }}
{%- set scope = rebuild_scope() %}
{%- do stale_rows(is_touched_user('$row')) %}
-- another install changes sessions and days since the user's first session or payment
{%- do notes_users_that_differ(since={'int_sessions': 'started_at', 'int_money_events': 'event_at'}) %}

with

first_times as (

    select user_key, min(started_at) as started_at, min(acquired_at) as provided_at
    from {{ ref('int_sessions') }}
    {{ where_touched(scope) }}
    group by user_key

),

first_sessions as (

    select sessions.*, first_times.provided_at
    from {{ ref('int_sessions') }} as sessions
    inner join first_times
        on sessions.user_key = first_times.user_key and sessions.started_at = first_times.started_at

),

told as (

    -- by install events, and by others on which the provider says when the install was
    select
        user_key, min(app_id) as app_id, min(platform) as platform, min(user_id) as user_id, min(provider) as provider,
        min(provided_at) as provided_at
    from {{ ref('int_install_clues') }}
    {{ where_touched(scope) }}
    group by user_key

),

users as (

    -- most is of the first session; of who has none, of what tells of the install
    select
        {%- for column in ['user_key', 'app_id', 'platform', 'user_id', 'provider'] %}
        coalesce(first_sessions.{{ column }}, told.{{ column }}) as {{ column }},
        {%- endfor %}
        first_sessions.touch_campaign_id, first_sessions.touch_channel, first_sessions.country, first_sessions.app_version,
        first_sessions.started_at as first_started_at,
        least(coalesce(first_sessions.provided_at, told.provided_at), coalesce(told.provided_at, first_sessions.provided_at)) as provided_at
    from first_sessions
    full outer join told
        on first_sessions.user_key = told.user_key

),

install_events as (

    -- the first may come long after the install that the provider tells of: a reinstall, as one long after another
    select
        *,
        install_event_at > install_before_at
        and {{ epoch_us('install_event_at') }} - {{ epoch_us('install_before_at') }}
        >= {{ var('reinstall_window_days') }} * cast(86400000000 as bigint) as is_after_window
    from (
        -- of several at one instant, the smallest campaign and channel first
        {%- set places %}
            partition by clues.user_key order by
                clues.install_event_at, clues.campaign_id nulls last, clues.channel nulls last,
                clues.country nulls last, clues.app_version nulls last, clues.event_key
        {%- endset %}
        select
            clues.*,
            row_number() over ({{ places }}) as install_event_number,
            coalesce(lag(clues.install_event_at) over ({{ places }}), users.provided_at) as install_before_at
        from {{ ref('int_install_clues') }} as clues
        inner join users
            on clues.user_key = users.user_key
        where clues.install_event_at is not null
    ) as numbered

),

installs as (

    -- the provider's install time; else, if wanted, the first event
    select
        users.provider, users.user_key, users.app_id, users.platform, users.user_id,
        {%- for column in ['campaign_id', 'channel'] %}
        case when install_events.user_key is null then users.touch_{{ column }} else install_events.{{ column }} end as {{ column }},
        {%- endfor %}
        coalesce(install_events.provider, users.provider) as channel_provider,
        coalesce(install_events.country, users.country) as country,
        coalesce(install_events.app_version, users.app_version) as app_version,
        0 as reinstall_number,
        users.provided_at is null as is_install_inferred,
        coalesce(users.provided_at, users.first_started_at) as installed_at
    from users
    left join install_events
        on
            users.user_key = install_events.user_key
            and install_events.install_event_number = 1 and not install_events.is_after_window
    {{ 'where users.provided_at is not null' if not var('infer_installs') }}
    union all
    -- a further install event counts if it comes long enough after the one before
    select
        provider, user_key, app_id, platform, user_id, campaign_id, channel, provider as channel_provider, country, app_version,
        row_number() over (partition by user_key order by install_event_number) as reinstall_number,
        false as is_install_inferred,
        install_event_at as installed_at
    from install_events
    where is_after_window

),

final as (

    select
        ---------- ids
        {{ mart_key(['installs.user_key', 'installs.reinstall_number'], separator='-') }} as install_id,
        installs.provider,
        installs.user_key,
        installs.app_id,
        installs.platform,
        installs.user_id,
        installs.campaign_id,

        ---------- strings
        {{ unified_channel('installs.channel') }} as channel,
        installs.country,
        installs.app_version,

        ---------- numerics
        cast(installs.reinstall_number as bigint) as reinstall_number,

        ---------- booleans
        installs.is_install_inferred,
        installs.reinstall_number > 0 as is_reinstall,

        ---------- dates and timestamps
        {{ local_date('installs.installed_at', 'installs.app_id') }} as install_date,
        installs.installed_at
    from installs
    {{ join_channel_names('installs.channel_provider', 'installs.channel') }}

)

select * from final
