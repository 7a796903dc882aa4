{#- The CTEs of sessionize, from `chained` to `placed`, and `inner_pieces`,, that cut chains at reopens. -#}
{% macro _sessionize_reopens(relation, user_key, event_type, event_us, grace_us, slot, aggregates) %}
lifecycle_events as (

    -- as one number: its time, and at one instant a close (even) before an open (odd);
    -- without a close of the actor there is nothing to reopen
    select
        {{ user_key }} as user_key,
        {{ slot }} as slot_number,
        {{ grace_us }} as grace_us,
        {{ event_us }} * 2
        + case when {{ event_type }} = 'app_open' then 1 else 0 end as lifecycle_number
    from {{ relation }}
    where
        {{ event_type }} in ('app_open', 'app_close')
        and {{ user_key }} in (
            select {{ user_key }} from {{ relation }} where {{ event_type }} = 'app_close'
        )

),

lifecycle_pairs as (

    select
        *,
        lag(lifecycle_number) over (
            partition by user_key order by lifecycle_number
        ) as previous_number
    from lifecycle_events

),

reopens as (

    -- an open after a close of the same chain
    select
        chained.user_key,
        chained.chain_us,
        {{ whole_divide('lifecycle_pairs.lifecycle_number', 2) }} as start_us
    from lifecycle_pairs
    inner join chained
        on
            lifecycle_pairs.user_key = chained.user_key
            and lifecycle_pairs.slot_number = chained.slot_number
            and lifecycle_pairs.previous_number >= chained.chain_us * 2
    where
        mod(lifecycle_pairs.lifecycle_number, 2) = 1
        and mod(lifecycle_pairs.previous_number, 2) = 0
        -- an open is one more than twice its time
        and lifecycle_pairs.lifecycle_number - 1 - lifecycle_pairs.previous_number
        > lifecycle_pairs.grace_us * 2

),

starts as (

    -- the sessions of the chains that have a reopen: from start_us until next_start_us
    select
        user_key,
        chain_us,
        start_us,
        coalesce(
            lead(start_us) over (partition by user_key, chain_us order by start_us), 9223372036854775807
        ) as next_start_us
    from (
        select user_key, chain_us, start_us from reopens
        union all
        select distinct user_key, chain_us, chain_us as start_us from reopens
    ) as all_starts

),

placed as (

    select
        chained.*,
        coalesce(starts.start_us, chained.chain_us) as start_us,
        coalesce(chained.last_us >= starts.next_start_us, false) as has_inner_start
    from chained
    left join starts
        on
            chained.user_key = starts.user_key
            and chained.chain_us = starts.chain_us
            and chained.first_us >= starts.start_us
            and chained.first_us < starts.next_start_us

),

cuts as (

    select
        placed.user_key as _user_key,
        placed.slot_number as _slot_number,
        placed.chain_us as _chain_us,
        placed.is_first as _is_first,
        starts.start_us as _start_us,
        starts.next_start_us as _next_start_us
    from placed
    inner join starts
        on
            placed.user_key = starts.user_key
            and placed.chain_us = starts.chain_us
            and placed.last_us >= starts.start_us
            and placed.first_us < starts.next_start_us
    where placed.has_inner_start

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
    inner join cuts
        on
            events.{{ user_key }} = cuts._user_key
            and {{ slot }} = cuts._slot_number
            and {{ event_us }} >= cuts._start_us
            and {{ event_us }} < cuts._next_start_us
    group by cuts._user_key, cuts._start_us

),
{% endmacro %}
