{#- The CTEs of sessionize, from `chained` to `placed`, and `inner_pieces`, that cut chains at reopens. -#}
{% macro _sessionize_reopens(relation, user_key, event_type, event_us, grace_us, slot, aggregates, before) %}
{%- set is_open = "case when " ~ event_type ~ " = 'app_open' then 1 else 0 end" %}
reopenable_slots as (

    {%- call app_sessions.computed_step('reopenable_slots', before) %}
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

    {%- call app_sessions.computed_step('lifecycle_instants', before, is_kept=false) %}
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
                {{ event_us }} as instant_us,
                {{ grace_us }} as grace_us,
                {{ is_open }} as is_open
            from {{ relation }} as events
            -- no name that the relation may have too
            inner join (
                select user_key as _user_key, slot_number as _slot_number, chain_us as _chain_us
                from reopenable_slots
            ) as slots_of_chains
                on events.{{ user_key }} = slots_of_chains._user_key and {{ slot }} = slots_of_chains._slot_number
            where {{ event_type }} in ('app_open', 'app_close')
        ) as lifecycle_events
        group by user_key, chain_us, instant_us
    ) as instants
    {%- endcall %}

),

starts as (

    {%- call app_sessions.computed_step('starts', before, is_kept=false) %}
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

parts as (

    {%- call app_sessions.computed_step('parts', before) %}
    -- a slot and a session that share a time; a slot with a reopen inside has several
    select
        reopenable_slots.user_key,
        reopenable_slots.slot_number,
        reopenable_slots.chain_us,
        reopenable_slots.is_first,
        starts.start_us,
        starts.next_start_us,
        starts.start_us > reopenable_slots.first_us or starts.next_start_us <= reopenable_slots.last_us as is_cut
    from reopenable_slots
    inner join starts
        on
            reopenable_slots.user_key = starts.user_key
            and reopenable_slots.chain_us = starts.chain_us
            and reopenable_slots.last_us >= starts.start_us
            and reopenable_slots.first_us < starts.next_start_us
    {%- endcall %}

),

placed as (

    select
        chained.user_key,
        chained.slot_number,
        chained.is_first,
        chained.is_lone and parts.user_key is null as is_lone,
        chained.chain_us,
        coalesce(parts.start_us, chained.chain_us) as start_us
    from chained
    left join parts
        on chained.user_key = parts.user_key and chained.slot_number = parts.slot_number
    where parts.user_key is null or not parts.is_cut

),

inner_pieces as (

    -- only a slot with a reopen inside needs its events again
    select
        cuts._user_key as user_key,
        cuts._start_us as start_us,
        min(cuts._chain_us) as chain_us,
        max({{ event_us }}) as last_us,
        max(cuts._is_first) as is_first
        {{- aggregates }}
    from {{ relation }} as events
    inner join (
        select
            user_key as _user_key,
            slot_number as _slot_number,
            chain_us as _chain_us,
            is_first as _is_first,
            start_us as _start_us,
            next_start_us as _next_start_us
        from parts
        where is_cut
    ) as cuts
        on
            events.{{ user_key }} = cuts._user_key
            and {{ slot }} = cuts._slot_number
            and {{ event_us }} >= cuts._start_us
            and {{ event_us }} < cuts._next_start_us
    group by cuts._user_key, cuts._start_us

),
{% endmacro %}
