{#- Which raw rows the event log lacks; reference in macros/_macros.yml. -#}

{#-
    {provider: literal of the load time from which raw rows are read again}. The clock has a say only here, in what is
    read: rows that claim a load in the future must not move the cutoff.
-#}
{% macro load_cutoffs() %}
    {%- set cutoffs = {} -%}
    {%- set counted_loads = load_relation(_relation_of('int_event_loads')) -%}
    {%- for provider in var('providers') -%}
        {%- set of_provider = " where provider = '" ~ provider ~ "'" -%}
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
    Which loads of the input the log does not hold whole: a row per (provider, loaded_at) of which the input has more
    rows than the log. It reads one column, and decides what else is read.
-#}
{% macro open_loads(log, cutoffs, since=none) %}
    select
        staged_loads.provider,
        staged_loads.load_key,
        coalesce(known_loads.known_count, 0) as known_count
    from (
        {% for provider in var('providers') -%}
        select '{{ provider }}' as provider, {{ _load_key('loaded_at') }} as load_key, count(*) as staged_count
        from (
            {#- each condition by itself lets an engine skip files by their statistics, both in one do not -#}
            {% for condition in _read_again(provider, cutoffs, since) or [none] %}
            select loaded_at
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
        select provider, {{ _load_key('loaded_at') }} as load_key, count(*) as known_count
        from {{ log }}
        where
            {%- for provider in var('providers') %}
            {{ 'or ' if not loop.first -}}
            (provider = '{{ provider }}' and ({{ _read_again(provider, cutoffs, since) | join(' or ') or '1 = 1' }}))
            {%- endfor %}
        group by provider, {{ _load_key('loaded_at') }}
    ) as known_loads
        on
            staged_loads.provider = known_loads.provider
            and staged_loads.load_key = known_loads.load_key
    where staged_loads.staged_count > coalesce(known_loads.known_count, 0)
{% endmacro %}

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
    Of the open loads: {'count': how many, 'since': literal of the first one's time, 'half_known': none, or [first, last]
    of those that the log holds in part}. A load without a time has no place in a range: `since` is none, `half_known` [].
-#}
{% macro count_open_loads(log, cutoffs) %}
    {%- set texts = [] -%}
    {%- for key in ['min(load_key)', 'min(half_known_key)', 'max(half_known_key)'] -%}
        {%- do texts.append('cast(' ~ key ~ ' as ' ~ dbt.type_string() ~ ')') -%}
    {%- endfor -%}
    {%- set row = run_query(
        "select count(*), " ~ texts | join(', ') ~ " from ("
        ~ "select load_key, case when known_count > 0 then load_key end as half_known_key from ("
        ~ open_loads(log, cutoffs) ~ ") as open_loads) as keys"
    ).rows[0] -%}
    {%- set literals = [] -%}
    {%- for text in row.values()[1:] -%}
        {%- do literals.append(_timestamp(text) if text and not text.startswith('0001-01-01') else none) -%}
    {%- endfor -%}
    {{ return({
        'count': row[0] | int,
        'since': literals[0],
        'half_known': none if not row[2] else ([] if none in literals else literals[1:])
    }) }}
{% endmacro %}

{#- What staging has since the first open load, or the cutoffs, all providers; nothing where no load is open. -#}
{% macro staged_events(columns, cutoffs, open) %}
    {%- for provider in var('providers') %}
    select
        {% for column in columns -%}
        {#- a row without an id is its content -#}
        {{ 'coalesce(event_id, ' ~ _content_hash() ~ ') as event_id' if column == 'event_id' else column }}{{ ', ' if not loop.last }}
        {% endfor %}
    from {{ ref('stg_' ~ provider ~ '__events') }}
    {%- if not open.count %}
    where 1 = 0
    {%- elif provider in cutoffs %}
    where {{ _read_again(provider, cutoffs, open.since) | join(' or ') }}
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{#- Rows of open loads; needs the CTE open_loads. -#}
{% macro in_open_loads(rows) %}
    select rows_of_loads.*, open_loads.load_key, open_loads.known_count
    from {{ rows }} as rows_of_loads
    inner join open_loads
        on
            rows_of_loads.provider = open_loads.provider
            and {{ _load_key('rows_of_loads.loaded_at') }} = open_loads.load_key
{% endmacro %}

{#- The rows of `opened` that `log` does not hold; needs the CTE open_loads. -#}
{% macro not_yet_in_log(opened, log, columns, half_known) %}
    select {{ columns | join(', ') }}
    from {{ opened }}
    where known_count = 0
    {%- if half_known is not none %}
    union all
    -- copies are told apart by number: identical rows are interchangeable
    select {% for column in columns %}half_known.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
    from (
        select
            *,
            row_number() over (
                partition by provider, load_key, event_id, content_hash, received_key order by event_id
            ) as copy_number
        from (
            select
                *,
                {{ _load_key('received_at') }} as received_key,
                {{ _content_hash() }} as content_hash
            from {{ opened }}
            where known_count > 0
        ) as hashed
    ) as half_known
    left join (
        select provider, load_key, event_id, content_hash, received_key, count(*) as copy_count
        from (
            select
                provider, load_key, event_id,
                {{ _load_key('received_at') }} as received_key,
                {{ _content_hash() }} as content_hash
            from ({{ in_open_loads(log) }}) as logged
            where
                known_count > 0
                {%- if half_known %}
                -- so that an engine can skip what it stores of other loads
                and loaded_at >= {{ half_known[0] }}
                and loaded_at <= {{ plus_seconds(half_known[1], 1) }}
                {%- endif %}
        ) as hashed
        group by provider, load_key, event_id, content_hash, received_key
    ) as known_copies
        on
            half_known.provider = known_copies.provider
            and half_known.load_key = known_copies.load_key
            and half_known.event_id = known_copies.event_id
            and half_known.content_hash = known_copies.content_hash
            and half_known.received_key = known_copies.received_key
    where half_known.copy_number > coalesce(known_copies.copy_count, 0)
    {%- endif %}
{% endmacro %}
