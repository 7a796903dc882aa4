{#- Selects the columns of the events that have to be read again: those of the touched chains, and what came outside of them. -#}
{% macro touched_events(chains, columns) %}
    {%- set spans -%}
    select user_key, chain_started_at as started_at, chain_ended_at as ended_at
    from ({{ chains }}) as touched_chains
    union all
    select user_key, event_at as started_at, event_at as ended_at
    from {{ pending_changes() }} as pending
    {%- endset %}
    with changed as (

        select distinct user_key, event_at from {{ pending_changes() }} as pending

    ),

    chains as (

        {{ chains }}

    ),

    outside_chains as (

        select changed.user_key, changed.event_at
        from changed
        left join chains
            on
                changed.user_key = chains.user_key
                and changed.event_at >= chains.chain_started_at
                and changed.event_at <= chains.chain_ended_at
        where chains.user_key is null

    ),

    candidates as {{ inline_cte() }} (

        select {{ columns | join(', ') }}
        from {{ events_within(spans) }} as events
        where is_activity

    )

    -- chains of a user do not meet, so no event is found twice
    select candidates.*
    from candidates
    inner join chains
        on
            candidates.user_key = chains.user_key
            and candidates.event_at >= chains.chain_started_at
            and candidates.event_at <= chains.chain_ended_at
    union all
    select candidates.*
    from candidates
    inner join outside_chains
        on candidates.user_key = outside_chains.user_key and candidates.event_at = outside_chains.event_at
{% endmacro %}

{#- `int_events`; in a touched run only what lies within at most 20 ranges of time that hold all spans. -#}
{% macro events_within(spans) %}
    {%- set events = ref('int_events') -%}
    {%- if not model.plan or model.plan.scope == 'all' -%}
        {{ return(events) }}
    {%- endif -%}
    {%- set parts = [] -%}
    {%- for first, last in (_span_ranges(spans) if spans else []) -%}
        {%- do parts.append('select * from ' ~ events ~ ' where event_at >= ' ~ first ~ ' and event_at <= ' ~ last) -%}
    {%- endfor -%}
    {{ return('(' ~ (parts or ['select * from ' ~ events ~ ' where 1 = 0']) | join(' union all ') ~ ')') }}
{% endmacro %}

{#-
    [[first, last]] times, as literals, between which all spans lie, so that an engine can skip
    what is stored of other times. Spans less than a day apart are one range; if that makes more
    than 20, the tolerance grows.
-#}
{% macro _span_ranges(spans) %}
    {%- set found = [] -%}
    {%- for days in [1, 4, 16, 64, 36500] if not found -%}
        {%- set ranges = run_query(_span_ranges_within(spans, days)).rows -%}
        {%- if ranges | length == 0 -%}
            {{ return([]) }}
        {%- endif -%}
        {%- if ranges | length <= 20 -%}
            {%- for range in ranges -%}
                {#- an engine may show fewer digits of a second than it has -#}
                {%- do found.append([_timestamp(range[0]), plus_seconds(_timestamp(range[1]), 1)]) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{% macro _span_ranges_within(spans, days) %}
    {%- set previous_end -%}
        max(ended_at) over (
            order by started_at, ended_at
            rows between unbounded preceding and 1 preceding
        )
    {%- endset -%}
    select
        cast(min(started_at) as {{ dbt.type_string() }}) as first_text,
        cast(max(ended_at) as {{ dbt.type_string() }}) as last_text
    from (
        select
            *,
            sum(is_apart) over (
                order by started_at, ended_at rows unbounded preceding
            ) as range_number
        from (
            select
                *,
                case
                    when
                        {{ epoch_us('started_at') }} - {{ epoch_us(previous_end) }}
                        < {{ days }} * cast(86400000000 as bigint)
                        then 0
                    else 1
                end as is_apart
            from ({{ spans }}) as spans
        ) as apart
    ) as numbered
    group by range_number
    order by 1
{% endmacro %}

{% macro _timestamp(text) -%}
    {{ return("cast('" ~ text ~ "' as " ~ dbt.type_timestamp() ~ ")") }}
{%- endmacro %}
