{#- Reference: macros/_macros.yml (touched_chains). -#}
{% macro touched_chains(sessions, changed) %}
    {%- set timeout_seconds = session_setting('session_timeout_seconds', session_settings()) -%}
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
        where user_key in (select user_key from {{ changed }})
        group by user_key, chain_started_at
    ) as known_chains
    -- an event a whole timeout away belongs to another chain
    inner join {{ changed }}
        on
            known_chains.user_key = {{ changed }}.user_key
            and {{ epoch_us(changed ~ '.event_at') }}
            > {{ epoch_us('known_chains.chain_started_at') }} - known_chains.timeout_us
            and {{ epoch_us(changed ~ '.event_at') }}
            < {{ epoch_us('known_chains.chain_ended_at') }} + known_chains.timeout_us
{% endmacro %}
