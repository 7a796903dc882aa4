{#- Selects the chains that a change touches: those that it is less than a timeout away from. -#}
{% macro touched_chains(sessions) %}
    {%- set settings = session_settings() -%}
    {%- set timeout_seconds = session_setting('session_timeout_seconds', settings) -%}
    {%- set longest_seconds = ([var('session_timeout_seconds')] + settings | map(attribute='session_timeout_seconds')
        | select('defined') | list) | map('int') | max -%}
    {%- set first = first_pending_change() %}
    with instants as (select user_key, event_at from {{ pending_changes() }} as pending)

    select distinct
        known_chains.user_key,
        known_chains.chain_started_at,
        known_chains.chain_ended_at
    from (
        select
            user_key,
            chain_started_at,
            max(ended_at) as chain_ended_at,
            min({{ timeout_seconds }}) * cast(1000000 as bigint) as timeout_us
        from {{ sessions }}
        where
            user_key in (select instants.user_key from instants)
            {%- if first %}
            -- so that an engine can skip what it stores of earlier times
            and ended_at >= {{ plus_seconds(first, -longest_seconds) }}
            {%- endif %}
        group by user_key, chain_started_at
    ) as known_chains
    -- an event a whole timeout away belongs to another chain
    inner join instants
        on
            known_chains.user_key = instants.user_key
            and {{ epoch_us('instants.event_at') }}
            > {{ epoch_us('known_chains.chain_started_at') }} - known_chains.timeout_us
            and {{ epoch_us('instants.event_at') }}
            < {{ epoch_us('known_chains.chain_ended_at') }} + known_chains.timeout_us
{% endmacro %}

{#- Condition that a session is of a chain that a change touches. -#}
{% macro is_in_touched_chain(row, chains) -%}
    exists (
        select 1
        from ({{ computed_before('chains', chains) }}) as touched_chains
        where
            touched_chains.user_key = {{ row }}.user_key
            and touched_chains.chain_started_at = {{ row }}.chain_started_at
    )
{%- endmacro %}
