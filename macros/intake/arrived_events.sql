{#-
    CTEs up to `arrived`: the rows that int_event_log has to judge in this run. Needs the CTE staged.

    A run that replaces rows takes whole ids: of each (provider, event_id) that has a row more, less or other than before, all
    rows are judged again, those of other loads included, and all of the log's are replaced by them.
-#}
{% macro _arrived_events(columns, plan) %}
{% if plan.kind == 'all' -%}
    {{ return('') }}
{%- endif -%}
{%- if plan.files is none -%}
open_loads as (

    {{ _open_loads(this, plan.cutoffs, plan.open.since) }}

),
{%- endif %}

opened as (

    {{ _in_open_loads('staged') if plan.files is none else 'select * from staged' }}

),

{% if plan.kind == 'rejudge' -%}
arrived as (

    select {{ columns | join(', ') }} from opened
    union all
    select {{ columns | join(', ') }}
    from {{ _without_erased(
        '(' ~ _as_staged(this ~ ' as logged', columns) ~ ' where not ' ~ _is_read_again(plan, 'logged') ~ ')', columns
    ) }} as logged_rows

),
{%- elif plan.replaces -%}
replaced_ids as (

    {{ _replaced_ids(columns, plan) }}

),

arrived as (

    select {% for column in columns %}opened.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
    from opened
    inner join replaced_ids
        on opened.provider = replaced_ids.provider and opened.event_id = replaced_ids.event_id
    union all
    select {% for column in columns %}kept.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
    from ({{ _as_staged(this ~ ' as logged', columns) }} where not {{ _is_read_again(plan, 'logged') }}) as kept
    inner join replaced_ids
        on kept.provider = replaced_ids.provider and kept.event_id = replaced_ids.event_id

),
{%- else -%}
arrived as (

    select {{ columns | join(', ') }} from opened
    {%- if plan.rejudged %}
    union all
    -- refused for a reason that has gone since
    {{ _as_staged(this, columns) }}
    where event_status = 'rejected' and ({{ plan.rejudged }})
    {%- endif %}

),
{%- endif %}
{% endmacro %}

{#-
    (provider, event_id) of which the log's rows are replaced. Its CTEs have names of their own: it may come to stand inside the
    query of the log, and Spark refuses a name that is there already.
-#}
{% macro _replaced_ids(columns, plan) %}
    {%- set sql -%}
with

staged_again as (

    {{ _staged_events(columns, plan) }}

),

{% if plan.files is none -%}
loads_again as (

    {{ _open_loads(this, plan.cutoffs, plan.open.since) }}

),

{% endif -%}
opened_again as (

    {{ _in_open_loads('staged_again', 'loads_again') if plan.files is none else 'select * from staged_again' }}

),

opened_rows as (

    {{ _numbered_rows('opened_again') }}

),

logged_rows as (

    {{ _numbered_rows(
        '(' ~ _as_staged(this ~ ' as logged', columns) ~ ' where ' ~ _is_read_again(plan, 'logged', 'loads_again') ~ ') as read_again'
    ) }}

)

select distinct provider, event_id
from (
    {{ _ids_only_in('opened_rows', 'logged_rows') }}
    union all
    {{ _ids_only_in('logged_rows', 'opened_rows') }}
) as differing
    {%- endset -%}
    {{ return(computed_once('replaced_ids', sql, is_part=true)) }}
{% endmacro %}
