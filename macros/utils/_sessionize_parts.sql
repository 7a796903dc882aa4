{#- The CTEs of sessionize that cut: `parts`, `placed`, and `inner_pieces`, of slots with a reopen inside. -#}
{% macro _sessionize_parts(how) %}
parts as (

    {%- call app_sessions.computed_step('parts', how.steps) %}
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
        max({{ how.event_us }}) as last_us,
        max(cuts._is_first) as is_first
        {{- how.aggregates }}
    from {{ how.relation }} as events
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
            events.{{ how.user_key }} = cuts._user_key
            and {{ how.slot }} = cuts._slot_number
            and {{ how.event_us }} >= cuts._start_us
            and {{ how.event_us }} < cuts._next_start_us
    group by cuts._user_key, cuts._start_us

),
{% endmacro %}
