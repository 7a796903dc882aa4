{#- Reference: macros/_macros.yml (check_freshness). -#}
{% macro check_freshness(max_age_hours, as_of=none) %}
    {%- do _require(
        max_age_hours is number and max_age_hours is not boolean and max_age_hours > 0,
        'check_freshness', "max_age_hours must be a number above 0, got '" ~ max_age_hours ~ "'"
    ) -%}
    {%- do _require(
        as_of is none or modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9:.]+)?', as_of | string) is not none,
        'check_freshness', "as_of must be a time such as '2025-01-31 06:00:00', UTC, got '" ~ as_of ~ "'"
    ) -%}
    {%- if not (var('raw_path') or var('raw_schema')) -%}
        {{ return(log("check_freshness: the bundled sample does not age; nothing was checked", info=true)) }}
    {%- endif -%}
    {%- set reference = _timestamp(as_of) if as_of else _run_clock(0) -%}
    {%- set lines = [] -%}
    {%- set stale = [] -%}
    {%- for provider in var('providers') -%}
        {%- set raw = raw_loads(provider) -%}
        {#- a row that claims a load in the future says nothing about when the last one was -#}
        {%- set newest, age_hours = run_query(
            "select cast(max(loaded_at) as " ~ dbt.type_string() ~ "), "
            ~ seconds_between('max(loaded_at)', reference) ~ " / 3600 from (select " ~ raw_timestamp(raw, 'loaded_at')
            ~ " as loaded_at from (" ~ raw.sql ~ ") as raw) as loads where loaded_at < " ~ _run_clock(1)
        ).rows[0] -%}
        {%- set is_stale = newest is none or age_hours > max_age_hours -%}
        {%- do lines.append(
            provider ~ ": " ~ ("no load yet" if newest is none else
            "newest load " ~ newest ~ ", " ~ [age_hours | float, 0] | max | round(1) ~ " hours old")
            ~ (" (too old)" if is_stale else "")
        ) -%}
        {%- if is_stale -%}{%- do stale.append(provider) -%}{%- endif -%}
    {%- endfor -%}
    {%- set report = "raw events at " ~ (as_of or "the time of the run") ~ ", allowed age " ~ max_age_hours
        ~ " hours:\n  " ~ lines | join('\n  ') -%}
    {%- do _require(not stale, 'check_freshness', report) -%}
    {%- do log("check_freshness: " ~ report, info=true) -%}
{% endmacro %}
