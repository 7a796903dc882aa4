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
    ctes={}
) %}

{%- set measures = app_sessions._sessionize_measures(
    relation, user_key, timeout_seconds, close_grace_seconds, constants, counts, sums, minima, maxima
) -%}
{#- Microseconds since year 1: never negative, so that halves, slots and remainders are exact. -#}
{%- set year_1 = '62135596800000000' -%}
{%- set event_us = '(' ~ app_sessions.epoch_us(event_at) ~ ' + ' ~ year_1 ~ ')' -%}
{%- set timeout_us = '(' ~ timeout_seconds ~ ') * cast(1000000 as bigint)' -%}
{%- set grace_us = '(' ~ close_grace_seconds ~ ') * cast(1000000 as bigint)' -%}
{%- set slot = app_sessions.whole_divide(event_us, timeout_us) -%}
{%- set aggregates = app_sessions._sessionize_aggregates(constants, counts, sums, minima, maxima) -%}
{%- set lifecycle = ['first_close_us', 'last_open_us'] if event_type else [] -%}
{%- set before = ctes.copy() %}

with

slots as (

    {%- call app_sessions.computed_step('slots', before) %}
    -- two events of one slot, one timeout wide, cannot be a timeout apart
    select
        {{ user_key }} as user_key,
        {{ slot }} as slot_number,
        min({{ event_us }}) as first_us,
        max({{ event_us }}) as last_us,
        min({{ timeout_us }}) as timeout_us
        {%- if event_type %},
        min(case when {{ event_type }} = 'app_close' then {{ event_us }} end) as first_close_us,
        max(case when {{ event_type }} = 'app_open' then {{ event_us }} end) as last_open_us
        {%- endif %}
        {{- aggregates }}
    from {{ relation }}
    group by {{ user_key }}, {{ slot }}
    {%- endcall %}

),

-- windows sort what they carry along: these run over keys and times, and the measures join later
linked as (

    {%- call app_sessions.computed_step('linked', before, is_kept=false) %}
    -- a gap of exactly the timeout starts a new chain
    select
        *,
        case when previous_last_us is null then 1 else 0 end as is_first,
        previous_last_us is null or first_us - previous_last_us >= timeout_us as is_chain_start,
        next_first_us is null or next_first_us - last_us >= timeout_us as is_chain_end
    from (
        select
            user_key, slot_number, first_us, last_us, timeout_us,
            {%- for name in lifecycle %} {{ name }},{% endfor %}
            lag(last_us) over (partition by user_key order by slot_number) as previous_last_us,
            lead(first_us) over (partition by user_key order by slot_number) as next_first_us
        from ({{ app_sessions._select_from('slots', ['user_key', 'slot_number', 'first_us', 'last_us', 'timeout_us'] + lifecycle) }})
            as slot_times
    ) as neighbours
    {%- endcall %}

),

chained as (

    {%- call app_sessions.computed_step('chained', before) %}
    -- a chain of one slot, and there are many, begins with the slot
    select
        user_key, slot_number, first_us, last_us, is_first,
        {%- for name in lifecycle %} {{ name }},{% endfor %}
        true as is_lone,
        first_us as chain_us
    from linked
    where is_chain_start and is_chain_end
    union all
    select
        user_key, slot_number, first_us, last_us, is_first,
        {%- for name in lifecycle %} {{ name }},{% endfor %}
        false as is_lone,
        max(case when is_chain_start then first_us end) over (
            partition by user_key order by slot_number
            rows between unbounded preceding and current row
        ) as chain_us
    from linked
    where not (is_chain_start and is_chain_end)
    {%- endcall %}

),
{% if event_type %}
{{ app_sessions._sessionize_reopens(relation, user_key, event_type, event_us, grace_us, slot, aggregates, before) }}
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

{#- A CTE without its other columns: DuckDB's windows would carry all of them. -#}
{% macro _select_from(cte, columns) -%}
    select {{ columns | join(', ') }} from {{ cte }}
{%- endmacro %}
