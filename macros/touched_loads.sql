{#- Subquery of the (`provider`, `load_date`) whose rows in the event log changed and which the calling model has not consumed yet. -#}
{% macro touched_loads() -%}
    {%- set plan = model.plan or {'after': 0, 'until': 0} -%}
    (
        select distinct provider, load_date
        from {{ _relation_of('state_changed_loads') if model.plan }}
        where change_seq > {{ plan.after }} and change_seq <= {{ plan.until }}
    )
{%- endmacro %}

{#- The `where` clause, if any, that restricts a query on the event log to the touched load dates. -#}
{% macro where_load_touched(scope) -%}
    {%- if scope == 'touched' -%}
        {%- set loads = run_query(
            "select cast(min(load_date) as " ~ dbt.type_string() ~ "), cast(max(load_date) as " ~ dbt.type_string()
            ~ "), max(case when load_date is null then 1 else 0 end) from " ~ touched_loads() ~ " as touched"
        ).rows[0] -%}
        where
            exists (
                select 1
                from (
                    select provider as touched_provider, load_date as touched_date
                    from {{ touched_loads() }} as consumed
                ) as touched
                where
                    touched_provider = provider
                    and {{ is_same('touched_date', 'cast(loaded_at as date)') }}
            )
            -- a redundant bound, by which an engine skips what it stores of other times
            and (
                {%- if loads[0] is not none %}
                (
                    loaded_at >= {{ _timestamp(loads[0]) }}
                    and loaded_at < {{ plus_seconds(_timestamp(loads[1]), 86400) }}
                )
                {{- " or" if loads[2] }}
                {%- endif %}
                {%- if loads[2] or loads[0] is none %}
                loaded_at is null
                {%- endif %}
            )
    {%- endif -%}
{%- endmacro %}

{#- Condition that a load date is one of `touched_loads`. -#}
{% macro is_load_touched(provider, load_date) -%}
    exists (
        select 1 from {{ touched_loads() }} as touched
        where touched.provider = {{ provider }} and {{ is_same('touched.load_date', load_date) }}
    )
{%- endmacro %}
