{#- Writes the sessions of a range of dates, and their events, to files; an operation. -#}
{% macro export_sessions(from_date=none, to_date=none, path=none, format='parquet') %}
    {%- for name, value in {'from_date': from_date, 'to_date': to_date}.items() -%}
        {%- do _require(
            modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', value | string) is not none, 'export_sessions',
            name ~ " must be a date such as 2025-01-31, got '" ~ value ~ "'"
        ) -%}
    {%- endfor -%}
    {%- set first, last = from_date | string, to_date | string -%}
    {%- do _require(first <= last, 'export_sessions',
        "from_date must not be after to_date, got '" ~ first ~ "' and '" ~ last ~ "'"
    ) -%}
    {%- set dates = dates_in_range(first, last, '%Y-%m-%d', '%Y-%m-%d') -%}
    {%- do _require(path is string and path.strip('/ '), 'export_sessions',
        "path must be a folder or bucket to write to, got '" ~ path ~ "'"
    ) -%}
    {%- do _require(format in ['parquet', 'csv'], 'export_sessions',
        "format must be parquet or csv, got '" ~ format ~ "'"
    ) -%}
    {%- do _require(load_relation(ref('fct_sessions')) is not none, 'export_sessions',
        "there is no " ~ ref('fct_sessions') ~ " yet; run `dbt build` first"
    ) -%}
    {%- set expected = _exported_rows_expected(first, last) -%}
    {%- set times = _session_times(first, last) -%}
    {%- set said = [] -%}
    {%- for feed in ['sessions', 'events'] -%}
        {%- set counts = [] -%}
        {%- for day in dates -%}
            {%- set query = _exported_sessions(day) if feed == 'sessions' else _exported_events(day, times.get(day)) -%}
            {%- do counts.append(unload(query, [path.rstrip('/'), feed, 'session_date=' ~ day], feed, format)) -%}
        {%- endfor -%}
        {#- BigQuery does not say how many rows it wrote -#}
        {%- if none in counts -%}
            {%- do said.append(expected[feed] ~ " " ~ feed ~ " (as selected; this engine does not count what it wrote)") -%}
        {%- else -%}
            {%- do _require(counts | sum == expected[feed], 'export_sessions',
                expected[feed] ~ " " ~ feed ~ " from " ~ first ~ " to " ~ last ~ " should have been written to "
                ~ path ~ ", and " ~ counts | sum ~ " were. Did a build run meanwhile? Run the export again"
            ) -%}
            {%- do said.append(counts | sum ~ " " ~ feed) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ log(
        "export_sessions: wrote " ~ said | join(" and ") ~ " of " ~ dates | length ~ " dates to " ~ path, info=true
    ) }}
{% endmacro %}

{#- How many rows have to come out, counted on another way than they are selected. -#}
{% macro _exported_rows_expected(first, last) %}
    {%- set sessions = run_query(
        "select count(*), coalesce(sum(event_count), 0) from " ~ ref('fct_sessions')
        ~ " where session_date >= " ~ _date(first) ~ " and session_date <= " ~ _date(last)
    ).rows[0] -%}
    {%- set others = run_query(
        "select count(*) from " ~ ref('int_events') ~ " where not is_activity and " ~ local_date('event_at', 'app_id')
        ~ " >= " ~ _date(first) ~ " and " ~ local_date('event_at', 'app_id') ~ " <= " ~ _date(last)
    ).rows[0] -%}
    {{ return({'sessions': sessions[0] | int, 'events': sessions[1] | int + others[0] | int}) }}
{% endmacro %}

{#- {date: [first start, last end]} of the sessions of each date, so that few events are read for one. -#}
{% macro _session_times(first, last) %}
    {%- set found = {} -%}
    {%- for row in run_query(
        "select cast(session_date as " ~ dbt.type_string() ~ "), cast(min(started_at) as " ~ dbt.type_string()
        ~ "), cast(max(ended_at) as " ~ dbt.type_string() ~ ") from " ~ ref('fct_sessions')
        ~ " where session_date >= " ~ _date(first) ~ " and session_date <= " ~ _date(last) ~ " group by session_date"
    ) -%}
        {%- do found.update({row[0]: [row[1], row[2]]}) -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{#- The date is in the folder's name and, as is usual, not in the file. -#}
{% macro _exported_sessions(day) -%}
    select
        {% for column in adapter.get_columns_in_relation(ref('fct_sessions')) if column.name | lower != 'session_date' -%}
        {{ column.quoted }}{{ ', ' if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_sessions') }}
    where session_date = {{ _date(day) }}
    order by started_at, session_id
{%- endmacro %}

{#- The events of the date's sessions, and those of no session that happened on the date. -#}
{% macro _exported_events(day, times) -%}
    {%- set midnight = "cast(" ~ _date(day) ~ " as " ~ dbt.type_timestamp() ~ ")" -%}
    select events.*
    from {{ ref('int_events_sessionized') }} as events
    left join {{ ref('fct_sessions') }} as sessions
        on events.session_id = sessions.session_id and sessions.session_date = {{ _date(day) }}
    where
        (
            -- wide enough for any time zone
            (
                events.event_at >= {{ plus_seconds(midnight, -86400) }}
                and events.event_at < {{ plus_seconds(midnight, 2 * 86400) }}
            )
            {%- if times %}
            or (events.event_at >= {{ _timestamp(times[0]) }} and events.event_at <= {{ _timestamp(times[1]) }})
            {%- endif %}
        )
        and (
            sessions.session_id is not null
            or (not events.is_activity and {{ local_date('events.event_at', 'events.app_id') }} = {{ _date(day) }})
        )
    order by events.event_at, events.event_key
{%- endmacro %}

{% macro _date(text) -%}
    {{ return("cast('" ~ text ~ "' as date)") }}
{%- endmacro %}
