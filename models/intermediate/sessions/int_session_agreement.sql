{{ config(
    unique_key='session_id',
    indexes=lookup_indexes([['user_key']]),
    **table_layout(date='session_date', keys=['user_key'])
) }}
{%- set scope = rebuild_scope() %}
-- whole users: an event may end a vendor's session that began long before
{%- do stale_rows(is_touched_user('$row')) %}

with

parts as (

    select *
    from {{ ref('int_vendor_session_parts') }}
    {{ where_touched(scope) }}

),

vendor_sessions as (

    select user_key, vendor_session_id, min(started_at) as first_started_at, count(*) as part_count
    from parts
    group by user_key, vendor_session_id

),

placed as (

    select
        parts.*,
        vendor_sessions.first_started_at,
        vendor_sessions.part_count,
        row_number() over (
            partition by parts.session_id order by parts.first_event_at, parts.vendor_session_id
        ) as first_place,
        row_number() over (
            partition by parts.session_id order by parts.last_event_at desc, parts.vendor_session_id desc
        ) as last_place
    from parts
    inner join vendor_sessions
        on parts.user_key = vendor_sessions.user_key and parts.vendor_session_id = vendor_sessions.vendor_session_id

),

sessions as (

    select
        session_id,
        user_key,
        app_id,
        platform,
        session_date,
        started_at,
        sum(event_count) as identified_event_count,
        sum(switch_count) as vendor_split_count,
        count(case when first_started_at = started_at then 1 end) as vendor_session_count,
        -- the only id of this session, and this is the only session of that id
        count(*) = 1 and max(part_count) = 1 as is_equal,
        max(case when first_place = 1 then vendor_session_id end) as first_id,
        max(case when last_place = 1 then vendor_session_id end) as last_id
    from placed
    group by session_id, user_key, app_id, platform, session_date, started_at

),

paired as (

    select
        *,
        lag(last_id) over (partition by user_key order by started_at) as previous_id
    from sessions

),

counted as (

    select
        *,
        identified_event_count - case when previous_id is null then 1 else 0 end as pair_count,
        case when previous_id = first_id then 1 else 0 end as our_split_count
    from paired

),

final as (

    select
        ---------- ids
        session_id,
        user_key,
        app_id,
        platform,

        ---------- numerics
        {%- for measure in ['identified_event_count', 'vendor_session_count', 'pair_count'] %}
        cast({{ measure }} as bigint) as {{ measure }},
        {%- endfor %}
        cast(pair_count - our_split_count - vendor_split_count as bigint) as agreeing_pair_count,
        {%- for measure in ['our_split_count', 'vendor_split_count'] %}
        cast({{ measure }} as bigint) as {{ measure }},
        {%- endfor %}

        ---------- booleans
        is_equal,

        ---------- dates and timestamps
        session_date,
        started_at
    from counted

)

select * from final
