{#- Stops where the newest load of a provider in use is older than so many hours; before a scheduled build. -#}
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
        {%- set held = _input_held() -%}
        {%- do _require(
            held in [none, 'the bundled sample'], 'check_freshness',
            "the database " ~ target.get('path', target.database) ~ " holds " ~ held ~ ", and this command reads the bundled sample. "
            ~ "Say --vars as for the build, or write raw_path into dbt_project.yml"
        ) -%}
        {{ return(log("check_freshness: the bundled sample does not age; nothing was checked", info=true)) }}
    {%- endif -%}
    {%- set reference = _timestamp(as_of) if as_of else _run_clock(0) -%}
    {%- set lines = [] -%}
    {%- set stale = [] -%}
    {%- for provider in _event_providers() | reject('in', var('ended_providers')) -%}
        {#- a row that claims a load in the future says nothing about when the last one was -#}
        {%- set newest, age_hours = run_query(
            "select cast(max(loaded_at) as " ~ dbt.type_string() ~ "), "
            ~ seconds_between('max(loaded_at)', reference) ~ " / 3600 from (" ~ _raw_load_times(provider)
            ~ ") as loads where loaded_at < " ~ _run_clock(1)
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
    {%- do _require(not stale, 'check_freshness', report ~ "\n  looked at: " ~ (_raw_root() if reads_files() else var('raw_schema'))
        ~ ", and the loads that " ~ target.get('path', target.database) ~ " holds") -%}
    {%- do log("check_freshness: " ~ report, info=true) -%}
{% endmacro %}

{#- For `loaded_at_query` of a source of events, so that `dbt source freshness` works. -#}
{% macro newest_raw_load() %}
    {%- set is_in_use = model.source_name in var('providers') and model.source_name not in var('ended_providers') -%}
    {%- if not is_in_use or not (var('raw_path') or var('raw_schema')) -%}
        {{ return('select ' ~ _run_clock(0)) }}
    {%- elif not reads_files() -%}
        {{ return('select max(cast(loaded_at as ' ~ dbt.type_timestamp() ~ ')) from ' ~ model.relation_name) }}
    {%- endif -%}
    {{ return('select max(loaded_at) from (' ~ _raw_load_times(model.source_name) ~ ') as loads where loaded_at < ' ~ _run_clock(1)) }}
{% endmacro %}

{#- Load times of a provider's events: of tables, all; of files, what the log knows and what new files say. -#}
{% macro _raw_load_times(provider) %}
    {%- set queries = [] -%}
    {%- for owner, feed in _raw_feeds() if owner == provider and _raw_feed(owner, feed).is_events -%}
        {%- if reads_files() -%}
            {%- set changes = _file_changes() -%}
            {%- for file in (changes.new + changes.changed) | selectattr('provider', 'equalto', provider)
                | selectattr('feed', 'equalto', feed) | selectattr('status', 'equalto', 'pending') -%}
                {#- lines that cannot be read are passed over: to refuse them is the build's work -#}
                {%- if 'loaded_at' in file.layout.found -%}
                    {%- set data_type = file.layout.columns[file.layout.found.loaded_at] if file.format == 'parquet' else 'VARCHAR' -%}
                    {%- set loaded_at = raw_timestamp({'columns': {'loaded_at': data_type}}, 'loaded_at') -%}
                {%- else -%}
                    {%- set loaded_at = _file_loaded_at(file) -%}
                {%- endif -%}
                {%- do queries.append(
                    "select " ~ loaded_at ~ " as loaded_at from (" ~ _file_rows(file.layout, [file.file_name],
                    options='' if file.format == 'parquet' else ', ignore_errors = true') ~ ") as raw_events"
                ) -%}
            {%- endfor -%}
        {%- else -%}
            {%- set raw = raw_input(provider, feed) -%}
            {%- if 'loaded_at' in raw.columns -%}
                {%- do queries.append(
                    "select " ~ raw_timestamp(raw, 'loaded_at') ~ " as loaded_at from ("
                    ~ raw_rows(raw, times=['loaded_at']) ~ ") as raw_events"
                ) -%}
            {%- endif -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set log = load_relation(_relation_of('int_event_log')) if reads_files() -%}
    {%- if log -%}
        {%- do queries.append(
            "select max(loaded_at) as loaded_at from " ~ log ~ " where event_status = 'accepted' and provider = "
            ~ text_literal(provider)
        ) -%}
    {%- endif -%}
    {{ return(queries | join(' union all ') or 'select cast(null as ' ~ dbt.type_timestamp() ~ ') as loaded_at') }}
{% endmacro %}
