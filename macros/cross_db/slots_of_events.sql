{#- Select of the slots of sessionize: what a user did in each. `how` is what sessionize tells its parts. -#}
{% macro slots_of_events(how) -%}
    {{ return(adapter.dispatch('slots_of_events', 'app_sessions')(how)) }}
{%- endmacro %}

{% macro default__slots_of_events(how) %}
    -- two events of one slot, one timeout wide, cannot be a timeout apart
    select
        {{ how.user_key }} as user_key,
        {{ how.slot }} as slot_number,
        {{- app_sessions._slot_times(how) }}
        {{- how.aggregates }}
    from {{ how.relation }}
    group by {{ how.user_key }}, {{ how.slot }}
{% endmacro %}

{#- With a text among its aggregates Spark sorts all rows. So they are hashed by these texts, too, and what is left is brought together. -#}
{% macro spark__slots_of_events(how) %}
    select
        user_key,
        slot_number,
        min(first_us) as first_us,
        max(last_us) as last_us,
        min(timeout_us) as timeout_us
        {%- if how.event_type %},
        min(first_close_us) as first_close_us,
        max(last_open_us) as last_open_us
        {%- endif %}
        {%- for name, merge in how.measures.items() %},
        {{ dbt.any_value(name) if merge == 'any' else merge ~ '(' ~ name ~ ')' }} as {{ name }}
        {%- endfor %}
    from (
        -- two events of one slot, one timeout wide, cannot be a timeout apart
        select
            {{ how.user_key }} as user_key,
            {{ how.slot }} as slot_number,
            {{- app_sessions._slot_times(how) }}
            {%- for name, text in how.texts.items() %},
            coalesce({{ text }}, null) as {{ name }}
            {%- endfor %}
            {{- how.other_aggregates }}
        from {{ how.relation }}
        -- a number by itself would be the place of a column
        group by {{ how.user_key }}, {{ how.slot }} {%- for text in how.texts.values() %}, coalesce({{ text }}, null){% endfor %}
    ) as slots_by_text
    group by user_key, slot_number
{% endmacro %}

{#- Photon hashes text. -#}
{% macro databricks__slots_of_events(how) %}{{ app_sessions.default__slots_of_events(how) }}{% endmacro %}

{% macro _slot_times(how) %}
        min({{ how.event_us }}) as first_us,
        max({{ how.event_us }}) as last_us,
        min({{ how.timeout_us }}) as timeout_us
        {%- if how.event_type %},
        min(case when {{ how.event_type }} = 'app_close' then {{ how.event_us }} end) as first_close_us,
        max(case when {{ how.event_type }} = 'app_open' then {{ how.event_us }} end) as last_open_us
        {%- endif %}
{%- endmacro %}
