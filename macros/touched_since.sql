{#- A subquery, a row a user with a pending change: `touched_key`, the user, and `touched_since`, the earliest time or date of a change. -#}
{% macro touched_since(kind='at') -%}
    (
        select user_key as touched_key, {{ 'event_at' if kind == 'at' else _touched_date('event_at') }} as touched_since
        from {{ pending_users() }} as pending
    )
{%- endmacro %}

{#- Condition that a row is one of those that `touched_since` leaves in doubt. -#}
{% macro is_touched_since(row, column, kind='at') -%}
    exists (
        select 1 from {{ touched_since(kind) }} as touched
        where touched.touched_key = {{ row }}.user_key and {{ row }}.{{ column }} >= touched.touched_since
    )
    {%- set first = first_pending_change() %}
    {%- if first %}
    -- a redundant bound, by which an engine skips what it stores of earlier times
    and {{ row }}.{{ column }} >= {{ first if kind == 'at' else _touched_date(first) }}
    {%- endif %}
{%- endmacro %}

{#-
    The first date, of any app, whose rows may differ after a change at this time. The day before: where clocks are set back
    over midnight, an hour's date comes after the next one's. Where apps have zones of their own, no clock is a day behind UTC.
-#}
{% macro _touched_date(timestamp) -%}
    {%- if app_time_zones() -%}
        {{ return(_plus_days('cast(' ~ timestamp ~ ' as date)', -2)) }}
    {%- endif -%}
    {{ return(_plus_days(local_date(timestamp, none), -1)) }}
{%- endmacro %}

{#- The `where` that keeps the rows of touched users since the time from which they may differ; none in a full build. -#}
{% macro where_touched_since(scope, row, column, kind='at') -%}
    {%- if scope == 'touched' -%}
        where {{ is_touched_since(row, column, kind) }}
    {%- endif -%}
{%- endmacro %}

{#- SQL literal of the earliest `event_at` among the changes that the calling model has not consumed yet, or none. -#}
{% macro first_pending_change() %}
    {%- set first = _pending().first -%}
    {{ return(_timestamp(first) if first else none) }}
{% endmacro %}

{#- SQL literal of the first `activity_date` that a table by date has to build anew. -#}
{% macro first_touched_date(last_date_of=none, or_of=none) %}
    {%- if not model.plan -%}{{ return("cast('0001-01-01' as date)") }}{%- endif -%}
    {%- set dates = [] + (or_of or []) -%}
    {%- for relation in [this, last_date_of] if relation and or_of is none -%}
        {%- do dates.append("select " ~ _plus_days('max(activity_date)', 1) ~ " as first_date from " ~ relation) -%}
    {%- endfor -%}
    {%- set first = first_pending_change() -%}
    {%- if first -%}
        {%- do dates.append("select " ~ _touched_date(first) ~ " as first_date") -%}
    {%- endif -%}
    {%- if not dates -%}{{ return("cast('9999-12-31' as date)") }}{%- endif -%}
    {%- set text = run_query(
        "select cast(min(first_date) as " ~ dbt.type_string() ~ ") from (" ~ dates | join(' union all ') ~ ") as dates"
    ).rows[0][0] -%}
    {{ return("cast('" ~ (text or '9999-12-31') ~ "' as date)") }}
{% endmacro %}

{% macro _plus_days(date, days) -%}
    cast({{ dbt.dateadd('day', days, date) }} as date)
{%- endmacro %}

{#- Condition that a row with `user_key` and `event_at` is of an instant that changed. -#}
{% macro is_touched_event(row) -%}
    exists (
        select 1 from {{ pending_changes() }} as pending
        where pending.user_key = {{ row }}.user_key and pending.event_at = {{ row }}.event_at
    )
    {%- set first = first_pending_change() %}
    {%- if first %}
    and {{ row }}.event_at >= {{ first }}
    {%- endif %}
{%- endmacro %}
