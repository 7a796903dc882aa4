{#- Reference: macros/_macros.yml (touched_loads). -#}
{% macro touched_loads() -%}
    {%- set watermarks = _watermarks() if execute else {} -%}
    {%- set after = watermarks.get(model.name, {}).get('consumed_seq', 0) -%}
    {%- set until = (_upstream_watermark(watermarks) or {}).get('consumed_seq', 0) -%}
    (
        select distinct provider, load_date
        from {{ ref('int_changed_loads') }}
        where change_seq > {{ after }} and change_seq <= {{ until }}
    )
{%- endmacro %}

{#- Reference: macros/_macros.yml (where_load_touched). -#}
{% macro where_load_touched(scope) -%}
    {%- if scope == 'none' -%}
        where 1 = 0
    {%- elif scope == 'touched' -%}
        {%- set dates = run_query(
            "select cast(min(load_date) as " ~ dbt.type_string() ~ "), cast(max(load_date) as " ~ dbt.type_string()
            ~ ") from " ~ touched_loads() ~ " as touched"
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
            -- says the same again, so that an engine can skip what it stores of other times
            and (
                loaded_at is null
                {%- if dates[0] is not none %}
                or (
                    loaded_at >= {{ _timestamp(dates[0]) }}
                    and loaded_at < {{ dbt.dateadd('day', 1, _timestamp(dates[1])) }}
                )
                {%- endif %}
            )
    {%- endif -%}
{%- endmacro %}
