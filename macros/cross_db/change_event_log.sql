{#- The statements that put arrivals into the event log and take out what they replace. -#}
{% macro change_event_log(log, arrivals, columns, has_superseded, rejudged, replaces) -%}
    {%- if not (has_superseded or rejudged or replaces) -%}
        {#- a merge that matches nothing may read, and write, all of the log -#}
        {{ return(insert_arrivals(log, arrivals, columns)) }}
    {%- endif -%}
    {{ return(adapter.dispatch('change_event_log', 'app_sessions')(log, arrivals, columns, has_superseded, rejudged, replaces)) }}
{%- endmacro %}

{% macro default__change_event_log(log, arrivals, columns, has_superseded, rejudged, replaces) -%}
    {%- set statements = [] -%}
    {%- if has_superseded -%}
        {%- set superseded -%}
        delete from {{ log }}
        where
            event_status = 'accepted'
            and exists (
                select 1 from {{ arrivals }} as arrivals
                where arrivals.is_superseded and {{ _same_event('arrivals', log) }}
            )
        {%- endset -%}
        {%- do statements.append(superseded) -%}
    {%- endif -%}
    {%- if replaces -%}
        {%- do statements.append(
            "delete from " ~ log ~ " where exists (select 1 from " ~ arrivals ~ " as arrivals where arrivals.provider = "
            ~ log ~ ".provider and arrivals.event_id = " ~ log ~ ".event_id)"
        ) -%}
    {%- endif -%}
    {%- if rejudged -%}
        {%- do statements.append(
            "delete from " ~ log ~ " where event_status = 'rejected' and (" ~ rejudged ~ ")"
        ) -%}
    {%- endif -%}
    {{ return(statements + insert_arrivals(log, arrivals, columns)) }}
{%- endmacro %}

{#- Statements that put arrivals, but for ids of which no row is left, into the log. -#}
{% macro insert_arrivals(log, arrivals, columns) -%}
    {{ return(adapter.dispatch('insert_arrivals', 'app_sessions')(log, arrivals, columns)) }}
{%- endmacro %}

{% macro default__insert_arrivals(log, arrivals, columns) -%}
    {{ return([_insert_where(log, arrivals, columns, "event_status <> 'gone'")]) }}
{%- endmacro %}

{#- By two statements: DuckDB writes a union on one core. It sees that it has to read one side of it where nothing else is asked. -#}
{% macro duckdb__insert_arrivals(log, arrivals, columns) -%}
    {{ return([
        _insert_where(log, arrivals, columns, 'not is_contested'),
        _insert_where(log, arrivals, columns, "event_status <> 'gone' and is_contested")
    ]) }}
{%- endmacro %}

{% macro _insert_where(log, arrivals, columns, condition) -%}
    insert into {{ log }} ({{ get_quoted_csv(columns) }})
    select {{ get_quoted_csv(columns) }}
    from {{ arrivals }}
    where {{ condition }}
{%- endmacro %}

{% macro _same_event(left, right, prefix='') -%}
    {%- for column in ['event_key', 'provider', 'app_id', 'event_id'] -%}
        {{ left }}.{{ column }} = {{ right }}.{{ prefix }}{{ column }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- The statements that put all of `rebuilt` in place of the log's rows. -#}
{% macro rewrite_event_log(log, rebuilt, columns) -%}
    {{ return(adapter.dispatch('rewrite_event_log', 'app_sessions')(log, rebuilt, columns)) }}
{%- endmacro %}

{% macro default__rewrite_event_log(log, rebuilt, columns) -%}
    {{ return(['delete from ' ~ log ~ ' where true'] + insert_arrivals(log, rebuilt, columns)) }}
{%- endmacro %}

{#- One statement, where no transaction holds two together. -#}
{% macro spark__rewrite_event_log(log, rebuilt, columns) -%}
    {{ return(['insert overwrite ' ~ log ~ ' select ' ~ get_quoted_csv(columns) ~ ' from ' ~ rebuilt]) }}
{%- endmacro %}
