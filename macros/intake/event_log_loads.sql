{#- Which raw rows the event log lacks. Of files, state_files knows; of tables, a load is one `loaded_at` of a provider. -#}

{#-
    What a run of int_event_log has to do:
    kind      all: build from all there is; rejudge: all again, what the log holds from the log; update: what is new; none
    files     {provider: names of files to read}, where files are read
    cutoffs   {provider: literal of the load time from which rows are read again}, where tables are
    open      what count_open_loads says of them
    replaces  whether rows that the log holds have to go: of a file that has changed, of a load with other rows
    rejudged  condition of refused rows that are judged again, or none
#}
{% macro _event_log_plan() %}
    {%- set plan = {'kind': 'all', 'files': none, 'cutoffs': {}, 'open': {'count': 1}, 'replaces': false, 'rejudged': none} -%}
    {%- if not execute or not is_incremental() or flags.WHICH not in ['run', 'build', 'retry'] -%}
        {%- do _check_table_loads_are_kept() -%}
        {{ return(plan) }}
    {%- endif -%}
    {%- set judgement = _check_event_log_settings() -%}
    {%- do plan.update({'kind': 'rejudge' if judgement.all else 'update', 'rejudged': judgement.rows}) -%}
    {%- if reads_files() -%}
        {%- set files = _files_to_read() -%}
        {%- set names = [] -%}
        {%- for group in files.values() -%}{%- do names.extend(group) -%}{%- endfor -%}
        {%- do plan.update({'files': files, 'open': {'count': names | length}}) -%}
        {%- if names -%}
            {%- do plan.update({'replaces': _log_has('file_name in (' ~ _text_list(names)[1:-1] ~ ')')}) -%}
        {%- endif -%}
    {%- else -%}
        {%- set cutoffs = _load_cutoffs() -%}
        {%- do plan.update({'cutoffs': cutoffs, 'open': _count_open_loads(this, cutoffs)}) -%}
        {%- do plan.update({'replaces': plan.open.known_count > 0}) -%}
    {%- endif -%}
    {%- if plan.kind == 'update' and plan.replaces and plan.rejudged -%}
        {%- do plan.update({'kind': 'rejudge'}) -%}
    {%- elif plan.kind == 'update' and not plan.open.count and not plan.rejudged -%}
        {%- do plan.update({'kind': 'none'}) -%}
    {%- endif -%}
    {{ return(plan) }}
{% endmacro %}

{#- {provider: [file_name]} of files of events that state_files has found and the log has not read. -#}
{% macro _files_to_read() %}
    {%- set files = {} -%}
    {%- for provider, name in run_query(
        "select provider, file_name from " ~ ref('state_files') ~ " where status = 'pending' and provider in ("
        ~ _text_list(var('providers'))[1:-1] ~ ") order by 1, 2"
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
    {%- for provider in var('providers') %}
    union all
    select '{{ provider }}', {{ _load_key('loaded_at') }}, 0, 1 from {{ ref('stg_' ~ provider ~ '__events') }}
    {%- endfor %}
{% endmacro %}

{#-
    {provider: literal of the load time from which raw rows are read again}. Only accepted rows count: a row that claims a
    load in the future must not move it.
-#}
{% macro _load_cutoffs() %}
    {%- set cutoffs = {} -%}
    {%- set counted_loads = load_relation(_relation_of('int_event_loads')) -%}
    {%- for provider in var('providers') -%}
        {%- set of_provider = " where provider = '" ~ provider ~ "' and event_status = 'accepted'" -%}
        {#- what an earlier run counted: the newest load is no older, and an engine skips what it stores of older ones -#}
        {%- set counted_date = run_query(
            "select cast(max(load_date) as " ~ dbt.type_string() ~ ") from " ~ counted_loads ~ of_provider
            ~ " and load_date < cast(" ~ _run_clock(1) ~ " as date)"
        ).rows[0][0] if counted_loads -%}
        {%- set newest = _newest_load(of_provider, counted_date) or _newest_load(of_provider, none) -%}
        {%- if newest -%}
            {%- do cutoffs.update({
                provider: plus_seconds(_timestamp(newest), -86400 * (var('load_lookback_days') | int))
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(cutoffs) }}
{% endmacro %}

{% macro _newest_load(of_provider, since) %}
    {{ return(run_query(
        "select cast(max(loaded_at) as " ~ dbt.type_string() ~ ") from " ~ this ~ of_provider
        ~ " and loaded_at < " ~ _run_clock(1) ~ (" and loaded_at >= " ~ _timestamp(since) if since else "")
    ).rows[0][0]) }}
{% endmacro %}

{#-
    Loads of tables that the log does not hold as they are: a row per (provider, loaded_at) whose rows differ. How many
    rows there are would not tell: they may have been corrected, or be other rows of the same time.
-#}
{% macro _open_loads(log, cutoffs, since=none) %}
    select
        staged_loads.provider,
        staged_loads.load_key,
        coalesce(known_loads.known_count, 0) as known_count
    from (
        {% for provider in var('providers') -%}
        select
            '{{ provider }}' as provider,
            {{ _load_key('loaded_at') }} as load_key,
            count(*) as staged_count,
            sum({{ as_decimal(_row_digest(), 38, 0) }}) as staged_digest
        from (
            {#- each condition by itself lets an engine skip files by their statistics, both in one do not -#}
            {% for condition in _read_again(provider, cutoffs, since) or [none] %}
            select {{ _with_event_id(_event_columns()) }}
            from {{ ref('stg_' ~ provider ~ '__events') }}
            {{ 'where ' ~ condition if condition }}
            {{ 'union all' if not loop.last }}
            {%- endfor %}
        ) as staged
        group by {{ _load_key('loaded_at') }}
        {{ 'union all ' if not loop.last }}
        {%- endfor %}
    ) as staged_loads
    left join (
        select
            provider,
            {{ _load_key('loaded_at') }} as load_key,
            count(*) as known_count,
            sum({{ as_decimal(_row_digest(), 38, 0) }}) as known_digest
        from ({{ _as_staged(log, _event_columns()) }}
            where
                {%- for provider in var('providers') %}
                {{ 'or ' if not loop.first -}}
                (provider = '{{ provider }}' and ({{ _read_again(provider, cutoffs, since) | join(' or ') or '1 = 1' }}))
                {%- endfor %}
        ) as logged
        group by provider, {{ _load_key('loaded_at') }}
    ) as known_loads
        on
            staged_loads.provider = known_loads.provider
            and staged_loads.load_key = known_loads.load_key
    where
        known_loads.known_count is null
        or staged_loads.staged_count <> known_loads.known_count
        or staged_loads.staged_digest <> known_loads.known_digest
{% endmacro %}

{#- The log's rows as they were staged. -#}
{% macro _as_staged(log, columns) -%}
    select
        {%- for column in columns %}
        {{ 'given_is_activity as is_activity' if column == 'is_activity' else column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ log }}
{%- endmacro %}

{#- A row without an id is identified by its content. -#}
{% macro _with_event_id(columns) -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- do texts.append('coalesce(event_id, ' ~ _content_hash() ~ ') as event_id' if column == 'event_id' else column) -%}
    {%- endfor -%}
    {{ return(texts | join(', ')) }}
{%- endmacro %}

{#- Conditions of the rows that are read again, one of which holds; none for all rows, of a provider without a cutoff. -#}
{% macro _read_again(provider, cutoffs, since) %}
    {%- if provider not in cutoffs -%}{{ return([]) }}{%- endif -%}
    {#- where a load without a time is open, that is the first, and there is no `since` -#}
    {{ return(['loaded_at >= ' ~ since] if since else ['loaded_at >= ' ~ cutoffs[provider], 'loaded_at is null']) }}
{% endmacro %}

{#- A load without a time is a load all the same. -#}
{% macro _load_key(loaded_at) -%}
    coalesce({{ loaded_at }}, cast('0001-01-01' as {{ dbt.type_timestamp() }}))
{%- endmacro %}

{#-
    Of the open loads: {count, since: literal of the first one's time, known_count: how many the log holds with other rows}. A
    load without a time has no place in a range: then `since` is none.
-#}
{% macro _count_open_loads(log, cutoffs) %}
    {%- set row = run_query(
        "select count(*), cast(min(load_key) as " ~ dbt.type_string() ~ "), count(case when known_count > 0 then 1 end) from ("
        ~ _open_loads(log, cutoffs) ~ ") as open_loads"
    ).rows[0] -%}
    {{ return({
        'count': row[0] | int,
        'since': _timestamp(row[1]) if row[1] and not row[1].startswith('0001-01-01') else none,
        'known_count': row[2] | int
    }) }}
{% endmacro %}

{#- Rows of staging that the plan wants read, all providers. -#}
{% macro _staged_events(columns, plan) %}
    {%- for provider in var('providers') %}
    select
        {% for column in columns -%}
        {%- if column == 'event_id' -%}
            coalesce(event_id, {{ _content_hash() }}) as event_id
        {%- elif column == 'file_name' and reads_files() -%}
            substr(file_name, {{ _raw_root() | length + 1 }}) as file_name
        {%- else -%}
            {{ column }}
        {%- endif -%}
        {{ ', ' if not loop.last }}
        {% endfor %}
    from {{ ref('stg_' ~ provider ~ '__events') }}
    {%- if plan.kind == 'all' %}
    {%- elif plan.files is not none %}
    {%- set paths = [] -%}
    {%- for name in plan.files.get(provider, []) -%}{%- do paths.append(_raw_root() ~ name) -%}{%- endfor %}
    where {{ 'file_name in (' ~ _text_list(paths)[1:-1] ~ ')' if paths else '1 = 0' }}
    {%- elif not plan.open.count %}
    where 1 = 0
    {%- elif provider in plan.cutoffs %}
    where {{ _read_again(provider, plan.cutoffs, plan.open.since) | join(' or ') }}
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{#- Condition of the log's rows that belong to what is read again; of tables it needs the CTE open_loads. -#}
{% macro _is_read_again(plan, row) -%}
    {%- if plan.files is not none -%}
        {%- set names = [] -%}
        {%- for group in plan.files.values() -%}{%- do names.extend(group) -%}{%- endfor -%}
        {{ "coalesce(" ~ row ~ ".file_name in (" ~ _text_list(names)[1:-1] ~ "), false)" if names else '1 = 0' }}
    {%- else -%}
        exists (
            select 1 from open_loads
            where open_loads.provider = {{ row }}.provider and open_loads.load_key = {{ _load_key(row ~ '.loaded_at') }}
        )
    {%- endif -%}
{%- endmacro %}

{#- Rows of open loads; needs the CTE open_loads. -#}
{% macro _in_open_loads(rows) %}
    select rows_of_loads.*
    from {{ rows }} as rows_of_loads
    inner join open_loads
        on
            rows_of_loads.provider = open_loads.provider
            and {{ _load_key('rows_of_loads.loaded_at') }} = open_loads.load_key
{% endmacro %}

{#- Rows, each with what tells it from others of its load and id, and a number where it comes several times. -#}
{% macro _numbered_rows(rows) %}
    select
        *,
        row_number() over (
            partition by provider, event_id, load_key, file_key, content_hash, received_key
            order by event_id
        ) as copy_number
    from (
        select
            *,
            {{ _load_key('loaded_at') }} as load_key,
            coalesce(file_name, '') as file_key,
            {{ _load_key('received_at') }} as received_key,
            {{ _content_hash() }} as content_hash
        from {{ rows }}
    ) as hashed
{% endmacro %}

{#- (provider, event_id) of the rows of `one` that `other` does not have; both as numbered_rows gives them. -#}
{% macro _ids_only_in(one, other) %}
    select distinct {{ one }}.provider, {{ one }}.event_id
    from {{ one }}
    where not exists (
        select 1 from {{ other }}
        where
            {%- for column in ['provider', 'event_id', 'load_key', 'file_key', 'content_hash', 'received_key', 'copy_number'] %}
            {{ 'and ' if not loop.first }}{{ one }}.{{ column }} = {{ other }}.{{ column }}
            {%- endfor %}
    )
{% endmacro %}
