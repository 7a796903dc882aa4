{#- Reference: macros/_macros.yml (sessionize). Why it is fast: docs in the same place. -#}
{% macro sessionize(
    relation,
    user_key='user_key',
    event_at='event_at',
    timeout_seconds=1800,
    event_type=none,
    close_grace_seconds=5,
    counts={},
    sums={},
    minima={},
    maxima={}
) %}

{%- set measures = _sessionize_measures(
    relation, user_key, timeout_seconds, close_grace_seconds, counts, sums, minima, maxima
) -%}
{#- Microseconds since year 1: never negative, so that halves, slots and remainders are exact. -#}
{%- set year_1 = '62135596800000000' -%}
{%- set event_us = '(' ~ epoch_us(event_at) ~ ' + ' ~ year_1 ~ ')' -%}
{%- set timeout_us = '(' ~ timeout_seconds ~ ') * cast(1000000 as bigint)' -%}
{%- set grace_us = '(' ~ close_grace_seconds ~ ') * cast(1000000 as bigint)' -%}
{%- set slot = whole_divide(event_us, timeout_us) -%}
{%- set aggregates = _sessionize_aggregates(counts, sums, minima, maxima) -%}

with

slots as (

    -- two events of one slot, one timeout wide, cannot be a timeout apart
    select
        {{ user_key }} as user_key,
        {{ slot }} as slot_number,
        min({{ event_us }}) as first_us,
        max({{ event_us }}) as last_us,
        min({{ timeout_us }}) as timeout_us
        {{- aggregates }}
    from {{ relation }}
    group by {{ user_key }}, {{ slot }}

),

timeline as (

    select
        *,
        lag(last_us) over (partition by user_key order by slot_number) as previous_last_us,
        lead(first_us) over (partition by user_key order by slot_number) as next_first_us
    from slots

),

chained as (

    -- a gap of exactly the timeout starts a new chain
    select
        *,
        case when previous_last_us is null then 1 else 0 end as is_first,
        (previous_last_us is null or first_us - previous_last_us >= timeout_us)
        and (next_first_us is null or next_first_us - last_us >= timeout_us) as is_lone,
        max(case
            when previous_last_us is null or first_us - previous_last_us >= timeout_us
                then first_us
        end) over (
            partition by user_key order by slot_number
            rows between unbounded preceding and current row
        ) as chain_us
    from timeline

),
{% if event_type %}
{{ _sessionize_reopens(relation, user_key, event_type, event_us, grace_us, slot, aggregates) }}
{% else %}
placed as (

    select
        *,
        chain_us as start_us,
        false as has_inner_start
    from chained

),
{% endif %}
pieces as (

    select
        user_key,
        start_us,
        chain_us,
        last_us,
        is_first
        {%- for name in measures %},
        {{ name }}
        {%- endfor %}
    from placed
    where not is_lone and not has_inner_start
    {%- if event_type %}
    union all
    select * from inner_pieces
    {%- endif %}

),

final as (

    -- most chains are one slot: nothing to add up
    select
        user_key as {{ user_key }},
        {{ from_epoch_us('chain_us - ' ~ year_1) }} as started_at,
        {{ from_epoch_us('last_us - ' ~ year_1) }} as ended_at,
        {{ from_epoch_us('chain_us - ' ~ year_1) }} as chain_started_at,
        case when is_first = 1 then 'first' else 'timeout' end as start_reason
        {%- for name in measures %},
        {{ name }}
        {%- endfor %}
    from placed
    where is_lone and not has_inner_start
    union all
    select
        user_key as {{ user_key }},
        {{ from_epoch_us('start_us - ' ~ year_1) }} as started_at,
        {{ from_epoch_us('max(last_us) - ' ~ year_1) }} as ended_at,
        {{ from_epoch_us('min(chain_us) - ' ~ year_1) }} as chain_started_at,
        case
            when start_us > min(chain_us) then 'reopen'
            when max(is_first) = 1 then 'first'
            else 'timeout'
        end as start_reason
        {%- for name, merge in measures.items() %},
        {{ merge }}({{ name }}) as {{ name }}
        {%- endfor %}
    from pieces
    group by user_key, start_us

)

select * from final
{% endmacro %}
