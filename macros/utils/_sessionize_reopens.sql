{#- The CTEs of sessionize that find where chains are cut at reopens: `reopenable_slots`, `lifecycle_instants`, `starts`. -#}
{% macro _sessionize_reopens(how) %}
{%- set is_open = "case when " ~ how.event_type ~ " = 'app_open' then 1 else 0 end" %}
reopenable_slots as (

    {%- call app_sessions.computed_step('reopenable_slots', how.steps) %}
    -- only a chain in which a close comes before an open can have a reopen
    select chained.*
    from chained
    inner join (
        select user_key, chain_us
        from chained
        group by user_key, chain_us
        having min(first_close_us) < max(last_open_us)
    ) as reopenable
        on chained.user_key = reopenable.user_key and chained.chain_us = reopenable.chain_us
    {%- endcall %}

),

lifecycle_instants as (

    {%- call app_sessions.computed_step('lifecycle_instants', how.steps, is_kept=false) %}
    -- lone_number, of an instant with opens or closes only: twice its time, one more for an open
    select
        *,
        lag(instant_us) over (partition by user_key, chain_us order by instant_us) as previous_us,
        max(lone_number) over (
            partition by user_key, chain_us order by instant_us
            rows between unbounded preceding and 1 preceding
        ) as previous_lone_number
    from (
        select
            user_key,
            chain_us,
            instant_us,
            max(grace_us) as grace_us,
            max(is_open) as has_open,
            case when min(is_open) = max(is_open) then instant_us * 2 + min(is_open) end as lone_number
        from (
            select
                slots_of_chains._user_key as user_key,
                slots_of_chains._chain_us as chain_us,
                {{ how.event_us }} as instant_us,
                {{ how.grace_us }} as grace_us,
                {{ is_open }} as is_open
            from {{ how.relation }} as events
            -- no name that the relation may have too
            inner join (
                select user_key as _user_key, slot_number as _slot_number, chain_us as _chain_us
                from reopenable_slots
            ) as slots_of_chains
                on events.{{ how.user_key }} = slots_of_chains._user_key and {{ how.slot }} = slots_of_chains._slot_number
            where {{ how.event_type }} in ('app_open', 'app_close')
        ) as lifecycle_events
        group by user_key, chain_us, instant_us
    ) as instants
    {%- endcall %}

),

starts as (

    {%- call app_sessions.computed_step('starts', how.steps, is_kept=false) %}
    -- the sessions of the chains that have a reopen: from start_us until next_start_us
    select
        user_key,
        chain_us,
        start_us,
        coalesce(
            lead(start_us) over (partition by user_key, chain_us order by start_us), 9223372036854775807
        ) as next_start_us
    from (
        select distinct user_key, chain_us, start_us
        from (
            -- instants with both leave the app as it was, and closed if they come first
            select user_key, chain_us, instant_us as start_us
            from lifecycle_instants
            where
                has_open = 1
                and coalesce(mod(previous_lone_number, 2), 0) = 0
                and instant_us - previous_us > grace_us
            union all
            select user_key, chain_us, chain_us as start_us
            from reopenable_slots
        ) as starts_and_reopens
    ) as all_starts
    {%- endcall %}

),
{% endmacro %}
