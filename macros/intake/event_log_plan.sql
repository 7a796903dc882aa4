{#- Which raw rows the event log lacks. Of files, state_files knows; of tables, a load is one `loaded_at` of a provider. -#}

{#-
    What a run of int_event_log has to do:
    kind      all: build from all there is; rejudge: all again, what the log holds from the log; update: what is new; none
    files     {provider: names of files to read}, where files are read; names: all of them
    cutoffs   {provider: literal of the load time from which rows are read again}, where tables are
    open      what count_open_loads says of them
    replaces  whether rows that the log holds have to go: of a file that has changed, of a load with other rows
    rejudged  condition of refused rows that are judged again, or none
    settings  by which rows are judged now, as one text
    It is made once a run: to compare loads is most of what a run with nothing new costs.
#}
{% macro _event_log_plan() %}
    {%- set plan = {'kind': 'all', 'files': none, 'cutoffs': {}, 'open': {'count': 1}, 'replaces': false, 'rejudged': none} -%}
    {%- if rebuild_scope() != 'touched' -%}
        {%- do _check_table_loads_are_kept() -%}
        {{ return(plan) }}
    {%- elif model.plan.log_plan -%}
        {{ return(model.plan.log_plan) }}
    {%- endif -%}
    {%- do _ask_of_log() -%}
    {%- set held = known_columns(this) | map(attribute='name') | map('lower') | list -%}
    {%- set lacking = _event_columns() | reject('in', held) | list -%}
    {%- do _require(not lacking, 'int_event_log', "an earlier version of this project made it, without "
        ~ lacking | join(', ') ~ ": run dbt build --full-refresh") -%}
    {%- set judgement = _check_event_log_settings() -%}
    {%- do plan.update({
        'kind': 'rejudge' if judgement.all else 'update', 'rejudged': judgement.rows, 'settings': judgement.settings
    }) -%}
    {%- if reads_files() -%}
        {%- set files = _files_to_read() -%}
        {%- set names = [] -%}
        {%- for group in files.values() -%}{%- do names.extend(group) -%}{%- endfor -%}
        {%- do plan.update({'files': files, 'names': names, 'open': {'count': names | length}}) -%}
        {%- if names -%}
            {%- do plan.update({'replaces': _log_has('file_name in ' ~ _in_list(names))}) -%}
        {%- endif -%}
    {%- else -%}
        {%- set cutoffs = _load_cutoffs() -%}
        {%- do plan.update({'cutoffs': cutoffs, 'open': _count_open_loads(this, cutoffs)}) -%}
        {%- do plan.update({'replaces': plan.open.known_count > 0}) -%}
    {%- endif -%}
    {%- if plan.kind == 'update' and plan.replaces and plan.rejudged -%}
        {%- do plan.update({'kind': 'rejudge'}) -%}
    {%- elif plan.kind == 'update' and not plan.open.count and not plan.rejudged and judgement.is_same -%}
        {%- do plan.update({'kind': 'none'}) -%}
        {%- do model.plan.update({'nothing_to_do': true}) -%}
    {%- endif -%}
    {%- do model.plan.update({'log_plan': plan}) -%}
    {{ return(plan) }}
{% endmacro %}

{#- What a run asks of the log, and of the apps that are listed, before it knows what is new. -#}
{% macro _ask_of_log() %}
    {%- if not asks_together() -%}{{ return('') }}{%- endif -%}
    {%- set queries = [_log_has_query('(' ~ _within_reach() ~ ')')] -%}
    {%- set counted_loads = load_relation(_relation_of('int_event_loads')) -%}
    {%- for provider in _event_providers() -%}
        {%- if provider in _providers_with('apps') -%}{%- do queries.append(_apps_query(provider)) -%}{%- endif -%}
        {%- if not reads_files() -%}
            {%- do queries.append(_newest_load_query(provider, _counted_date(counted_loads, provider))) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do ask_together(queries) -%}
{% endmacro %}

{#- {provider: [file_name]} of files of events that state_files has found and the log has not read. -#}
{% macro _files_to_read() %}
    {%- set files = {} -%}
    {%- for provider, name in run_query(
        "select provider, file_name from " ~ ref('state_files') ~ " where status = 'pending' and provider in "
        ~ _in_list(var('providers')) ~ " order by 1, 2"
    ) -%}
        {%- do files.setdefault(provider, []).append(name) -%}
    {%- endfor -%}
    {{ return(files) }}
{% endmacro %}

{#- A full refresh of tables: the log must not know more of a load than the table does. -#}
{% macro _check_table_loads_are_kept() %}
    {%- if not execute or not flags.FULL_REFRESH or flags.WHICH not in ['run', 'build', 'retry'] or reads_files()
        or var('accept_lost_loads') -%}
        {{ return('') }}
    {%- endif -%}
    {%- set log = load_relation(this) -%}
    {%- if log and 'file_name' in adapter.get_columns_in_relation(log) | map(attribute='name') | map('lower') -%}
        {%- set lost = [] -%}
        {%- for provider, load_key, known, staged in run_query(
            "select provider, cast(load_key as " ~ dbt.type_string() ~ "), sum(known_count), sum(staged_count) from ("
            ~ "select provider, " ~ _load_key('loaded_at') ~ " as load_key, 1 as known_count, 0 as staged_count from " ~ log
            ~ _staged_load_times() ~ ") as loads group by provider, load_key having sum(known_count) > sum(staged_count) order by 1, 2"
        ) -%}
            {%- do lost.append(provider ~ ' at ' ~ load_key ~ ' (' ~ known ~ ' rows, now ' ~ staged ~ ')') -%}
        {%- endfor -%}
        {%- do _require(not lost, '--full-refresh', _gone_loads_message(lost, "load(s) of " ~ _input_name())) -%}
    {%- endif -%}
{% endmacro %}

{% macro _staged_load_times() %}
    {%- for provider in _event_providers() %}
    union all
    select '{{ provider }}', {{ _load_key('loaded_at') }}, 0, 1 from {{ ref('stg_' ~ provider ~ '__events') }}
    {%- endfor %}
{% endmacro %}

{#- A log that is built anew has the rows of files that are there. -#}
{% macro _check_archived_files_are_kept() %}
    {%- if execute and flags.WHICH in ['run', 'build', 'retry'] and reads_files() and not var('accept_lost_loads') -%}
        {%- set feeds, folders = [], [] -%}
        {%- for provider, feed in _raw_feeds() if _raw_feed(provider, feed).is_events -%}
            {%- do feeds.append("provider = " ~ text_literal(provider) ~ " and feed = " ~ text_literal(feed)) -%}
            {%- do folders.append(_raw_feed(provider, feed).folder) -%}
        {%- endfor -%}
        {#- state_files need not be of this run, so the folder is looked at again -#}
        {%- set lost = run_query(
            "select known.file_name from " ~ ref('state_files') ~ " as known left join ("
            ~ _listed_files(folders) ~ ") as listed on known.file_name = listed.file_name where ("
            ~ "listed.file_name is null or known.status = 'gone') and known.row_count > 0 and (" ~ feeds | join(' or ')
            ~ ") order by 1"
        ).columns[0].values() | list -%}
        {%- do _require(not lost, 'int_event_log', _gone_loads_message(lost, "file(s) in " ~ _raw_root())) -%}
    {%- endif -%}
{% endmacro %}
