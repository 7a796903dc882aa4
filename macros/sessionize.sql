{#- The fast form of analyses/session_rule_in_plain_sql.sql. Why it is fast: macros/_macros.yml (sessionize). -#}
{% macro sessionize(
    relation,
    user_key='user_key',
    event_at='event_at',
    timeout_seconds=1800,
    event_type=none,
    close_grace_seconds=5,
    constants={},
    counts={},
    sums={},
    minima={},
    maxima={},
    texts=[],
    ctes={}
) %}

{%- set measures = app_sessions._sessionize_measures(
    relation, user_key, timeout_seconds, close_grace_seconds, constants, counts, sums, minima, maxima
) -%}
{%- set texts = app_sessions._sessionize_texts(texts, constants, minima, maxima) -%}
{#- Microseconds since year 1: never negative, so that halves, slots and remainders are exact. -#}
{%- set year_1 = '62135596800000000' -%}
{%- set event_us = '(' ~ app_sessions.epoch_us(event_at) ~ ' + ' ~ year_1 ~ ')' -%}
{%- set timeout_us = '(' ~ timeout_seconds ~ ') * cast(1000000 as bigint)' -%}
{#- What the parts of this macro are told: expressions and names, and the CTEs so far. -#}
{%- set how = {
    'relation': relation,
    'user_key': user_key,
    'event_type': event_type,
    'event_us': event_us,
    'timeout_us': timeout_us,
    'grace_us': '(' ~ close_grace_seconds ~ ') * cast(1000000 as bigint)',
    'slot': app_sessions.whole_divide(event_us, timeout_us),
    'aggregates': app_sessions._sessionize_aggregates(constants, counts, sums, minima, maxima),
    'measures': measures,
    'texts': texts.texts,
    'other_aggregates': app_sessions._sessionize_aggregates({}, counts, sums, texts.minima, texts.maxima),
    'lifecycle': ['first_close_us', 'last_open_us'] if event_type else [],
    'steps': ctes.copy()
} %}

with

{{ app_sessions._sessionize_chains(how) }}
{% if event_type %}
{{ app_sessions._sessionize_reopens(how) }}
{{ app_sessions._sessionize_parts(how) }}
{% else %}
placed as (

    select user_key, slot_number, is_first, is_lone, chain_us, chain_us as start_us
    from chained

),
{% endif %}
pieces as (

    select
        slots.user_key,
        placed.start_us,
        placed.chain_us,
        slots.last_us,
        placed.is_first
        {%- for name in measures %},
        slots.{{ name }}
        {%- endfor %}
    from slots
    inner join placed
        on slots.user_key = placed.user_key and slots.slot_number = placed.slot_number
    where not placed.is_lone
    {%- if event_type %}
    union all
    select * from inner_pieces
    {%- endif %}

),

final as (

    -- most chains are one slot: nothing to add up
    select
        slots.user_key as {{ user_key }},
        {{ app_sessions.from_epoch_us('slots.first_us - ' ~ year_1) }} as started_at,
        {{ app_sessions.from_epoch_us('slots.last_us - ' ~ year_1) }} as ended_at,
        {{ app_sessions.from_epoch_us('slots.first_us - ' ~ year_1) }} as chain_started_at,
        case when placed.is_first = 1 then 'first' else 'timeout' end as start_reason
        {%- for name in measures %},
        slots.{{ name }}
        {%- endfor %}
    from slots
    inner join placed
        on slots.user_key = placed.user_key and slots.slot_number = placed.slot_number
    where placed.is_lone
    union all
    select
        user_key as {{ user_key }},
        {{ app_sessions.from_epoch_us('start_us - ' ~ year_1) }} as started_at,
        {{ app_sessions.from_epoch_us('max(last_us) - ' ~ year_1) }} as ended_at,
        {{ app_sessions.from_epoch_us('min(chain_us) - ' ~ year_1) }} as chain_started_at,
        case
            when start_us > min(chain_us) then 'reopen'
            when max(is_first) = 1 then 'first'
            else 'timeout'
        end as start_reason
        {%- for name, merge in measures.items() %},
        {{ dbt.any_value(name) if merge == 'any' else merge ~ '(' ~ name ~ ')' }} as {{ name }}
        {%- endfor %}
    from pieces
    group by user_key, start_us

)

select * from final
{% endmacro %}
