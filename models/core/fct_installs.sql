{{ config(
    unique_key='install_id',
    **table_layout(date='install_date', keys=['user_key'])
) }}
{%- set scope = rebuild_scope() %}
{%- do stale_rows(is_touched_user('$row')) %}
-- another install changes sessions and days since the user's first session or payment
{%- do notes_users_that_differ(since={'int_sessions': 'started_at', 'int_money_events': 'event_at'}) %}

with

sessions as (

    select *
    from {{ ref('int_sessions') }}
    {{ where_touched(scope) }}

),

install_clues as (

    select *
    from {{ ref('int_install_clues') }}
    {{ where_touched(scope) }}

),

first_times as (

    select
        user_key,
        min(started_at) as started_at,
        min(acquired_at) as acquired_at
    from sessions
    group by user_key

),

first_sessions as (

    select
        sessions.*,
        first_times.acquired_at as first_acquired_at
    from sessions
    inner join first_times
        on sessions.user_key = first_times.user_key and sessions.started_at = first_times.started_at

),

users as (

    select
        user_key,
        min(app_id) as app_id,
        min(platform) as platform,
        min(user_id) as user_id,
        -- of the first session; of who has none, of what tells of the install
        coalesce(min(session_provider), min(clue_provider)) as provider,
        min(started_at) as first_started_at,
        min(provided_at) as provided_at
    from (
        select
            user_key, app_id, platform, user_id,
            provider as session_provider,
            cast(null as {{ dbt.type_string() }}) as clue_provider,
            started_at,
            first_acquired_at as provided_at
        from first_sessions
        union all
        select
            user_key, app_id, platform, user_id,
            cast(null as {{ dbt.type_string() }}) as session_provider,
            provider as clue_provider,
            cast(null as {{ dbt.type_timestamp() }}) as started_at,
            provided_at
        from install_clues
    ) as provided
    group by user_key

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
            partition by clues.user_key
            order by
                clues.install_event_at, clues.campaign_id nulls last, clues.channel nulls last,
                clues.country nulls last, clues.app_version nulls last, clues.event_key
        {%- endset %}
        select
            clues.*,
            row_number() over ({{ places }}) as install_event_number,
            coalesce(lag(clues.install_event_at) over ({{ places }}), users.provided_at) as install_before_at
        from install_clues as clues
        inner join users on clues.user_key = users.user_key
        where clues.install_event_at is not null
    ) as numbered

),

installs as (

    -- the provider's install time; else, if wanted, the first event
    select
        users.*,
        coalesce(users.provided_at, users.first_started_at) as installed_at,
        users.provided_at is null as is_install_inferred,
        false as is_reinstall,
        case when install_events.user_key is null then first_sessions.touch_campaign_id else install_events.campaign_id end
            as campaign_id,
        case when install_events.user_key is null then first_sessions.touch_channel else install_events.channel end
            as channel,
        coalesce(install_events.provider, users.provider) as channel_provider,
        coalesce(install_events.country, first_sessions.country) as country,
        coalesce(install_events.app_version, first_sessions.app_version) as app_version
    from users
    left join first_sessions
        on users.user_key = first_sessions.user_key
    left join install_events
        on
            users.user_key = install_events.user_key
            and install_events.install_event_number = 1 and not install_events.is_after_window
    where
        users.provided_at is not null
        {%- if var('infer_installs') %}
        or users.first_started_at is not null
        {%- endif %}

),

reinstalls as (

    select
        *,
        row_number() over (partition by user_key order by install_event_number) as reinstall_number
    from install_events
    where is_after_window

),

all_installs as (

    select
        provider, user_key, app_id, platform, user_id, campaign_id, channel, channel_provider, country, app_version,
        0 as reinstall_number, is_install_inferred, is_reinstall, installed_at
    from installs
    union all
    select
        provider, user_key, app_id, platform, user_id, campaign_id, channel, provider as channel_provider, country, app_version,
        reinstall_number, false as is_install_inferred, true as is_reinstall,
        install_event_at as installed_at
    from reinstalls

),

named as (

    select
        all_installs.*,
        {{ unified_channel('all_installs.channel') }} as unified_channel
    from all_installs
    {{ join_channel_names('all_installs.channel_provider', 'all_installs.channel') }}

),

final as (

    select
        ---------- ids
        {%- set id_text %}
            cast(user_key as {{ dbt.type_string() }}) || '-' || cast(reinstall_number as {{ dbt.type_string() }})
        {%- endset %}
        {{ dbt.hash(id_text) }} as install_id,
        provider,
        user_key,
        app_id,
        platform,
        user_id,
        campaign_id,

        ---------- strings
        unified_channel as channel,
        country,
        app_version,

        ---------- numerics
        cast(reinstall_number as bigint) as reinstall_number,

        ---------- booleans
        is_install_inferred,
        is_reinstall,

        ---------- dates and timestamps
        {{ local_date('installed_at', 'app_id') }} as install_date,
        installed_at
    from named

)

select * from final
