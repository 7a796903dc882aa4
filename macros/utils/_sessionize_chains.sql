{#- The CTEs of sessionize that make chains of slots: `slots`, `linked`, `chained`. -#}
{% macro _sessionize_chains(how) %}
slots as (

    {%- call app_sessions.computed_step('slots', how.steps) %}
    {{ app_sessions.slots_of_events(how) }}
    {%- endcall %}

),

-- windows sort what they carry along: these run over keys and times, and the measures join later
linked as (

    {%- call app_sessions.computed_step('linked', how.steps, is_kept=false) %}
    -- a gap of exactly the timeout starts a new chain
    select
        *,
        case when previous_last_us is null then 1 else 0 end as is_first,
        previous_last_us is null or first_us - previous_last_us >= timeout_us as is_chain_start,
        next_first_us is null or next_first_us - last_us >= timeout_us as is_chain_end
    from (
        select
            user_key, slot_number, first_us, last_us, timeout_us,
            {%- for name in how.lifecycle %} {{ name }},{% endfor %}
            lag(last_us) over (partition by user_key order by slot_number) as previous_last_us,
            lead(first_us) over (partition by user_key order by slot_number) as next_first_us
        from ({{ app_sessions._select_from('slots', ['user_key', 'slot_number', 'first_us', 'last_us', 'timeout_us'] + how.lifecycle) }})
            as slot_times
    ) as neighbours
    {%- endcall %}

),

chained as (

    {%- call app_sessions.computed_step('chained', how.steps) %}
    -- a chain of one slot, and there are many, begins with the slot
    select
        user_key, slot_number, first_us, last_us, is_first,
        {%- for name in how.lifecycle %} {{ name }},{% endfor %}
        true as is_lone,
        first_us as chain_us
    from linked
    where is_chain_start and is_chain_end
    union all
    select
        user_key, slot_number, first_us, last_us, is_first,
        {%- for name in how.lifecycle %} {{ name }},{% endfor %}
        false as is_lone,
        max(case when is_chain_start then first_us end) over (
            partition by user_key order by slot_number
            rows between unbounded preceding and current row
        ) as chain_us
    from linked
    where not (is_chain_start and is_chain_end)
    {%- endcall %}

),
{% endmacro %}

{#- A CTE without its other columns: DuckDB's windows would carry all of them. -#}
{% macro _select_from(cte, columns) -%}
    select {{ columns | join(', ') }} from {{ cte }}
{%- endmacro %}
