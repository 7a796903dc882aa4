{#- Tables of a warehouse: a load is one `loaded_at` of a provider. -#}

{#-
    {provider: literal of the load time from which raw rows are read again}. Only accepted rows count: a row that claims a
    load in the future must not move it.
-#}
{% macro _load_cutoffs() %}
    {%- set cutoffs = {} -%}
    {%- set counted_loads = load_relation(_relation_of('int_event_loads')) -%}
    {%- for provider in _event_providers() -%}
        {%- set newest = asked_rows(_newest_load_query(provider, _counted_date(counted_loads, provider)))[0][0]
            or asked_rows(_newest_load_query(provider, none))[0][0] -%}
        {%- if newest -%}
            {%- do cutoffs.update({
                provider: plus_seconds(_timestamp(newest), -86400 * (var('load_lookback_days') | int))
            }) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(cutoffs) }}
{% endmacro %}

{#- What an earlier run counted: the newest load is no older, and an engine skips what it stores of older ones. -#}
{% macro _counted_date(counted_loads, provider) %}
    {{ return(asked_rows(_counted_date_query(counted_loads, provider))[0][0] if counted_loads) }}
{% endmacro %}

{% macro _counted_date_query(counted_loads, provider) %}
    {{ return(
        "select cast(max(load_date) as " ~ dbt.type_string() ~ ") as counted_date from " ~ counted_loads
        ~ " where provider = '" ~ provider ~ "' and event_status = 'accepted' and load_date < cast(" ~ _run_clock(1) ~ " as date)"
    ) }}
{% endmacro %}

{% macro _newest_load_query(provider, since) %}
    {{ return(
        "select cast(max(loaded_at) as " ~ dbt.type_string() ~ ") as newest from " ~ this
        ~ " where provider = '" ~ provider ~ "' and event_status = 'accepted' and loaded_at < " ~ _run_clock(1)
        ~ (" and loaded_at >= " ~ _timestamp(since) if since else "")
    ) }}
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
        {% for provider in _event_providers() -%}
        select
            '{{ provider }}' as provider,
            {{ _load_key('loaded_at') }} as load_key,
            count(*) as staged_count,
            sum({{ as_decimal(_row_digest(), 38, 0) }}) as staged_digest
        from (
            {#- each condition by itself lets an engine skip files by their statistics, both in one do not -#}
            {% for condition in _read_again(provider, cutoffs, since) or [none] %}
            select {{ _with_event_id(_event_columns()) }}
            from {{ _staged_rows(provider, _event_columns()) }} as staged_rows
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
                {%- for provider in _event_providers() %}
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
    {%- set recent = ['loaded_at >= ' ~ (since or cutoffs[provider])] -%}
    {#- where a load without a time is open, that is the first, and there is no `since` -#}
    {{ return(recent if since or _is_of_shards(provider) else recent + ['loaded_at is null']) }}
{% endmacro %}

{#- Whether a provider's events are tables by day: all of their rows have a load time, and to look for others would open each. -#}
{% macro _is_of_shards(provider) %}
    {%- for node in graph.sources.values() if node.source_name == provider and node.identifier.endswith('*') -%}
        {{ return(true) }}
    {%- endfor -%}
    {{ return(false) }}
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
