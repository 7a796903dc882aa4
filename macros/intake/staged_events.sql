{#- The rows that a run of int_event_log reads, and how rows are told apart. -#}

{#- Rows of staging that the plan wants read, all providers. -#}
{% macro _staged_events(columns, plan) %}
    {%- for provider in _event_providers() %}
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
    from {{ _staged_rows(provider, columns) }} as staged_rows
    {%- if plan.kind == 'all' %}
    {%- elif plan.files is not none %}
    {%- set root, paths = _raw_root(), [] -%}
    {%- for name in plan.files.get(provider, []) -%}{%- do paths.append(root ~ name) -%}{%- endfor %}
    where {{ 'file_name in ' ~ _in_list(paths) if paths else '1 = 0' }}
    {%- elif not plan.open.count %}
    where 1 = 0
    {%- elif provider in plan.cutoffs %}
    where {{ _read_again(provider, plan.cutoffs, plan.open.since) | join(' or ') }}
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{% endmacro %}

{#- Condition of the log's rows that belong to what is read again; of tables it needs the CTE `loads`. -#}
{% macro _is_read_again(plan, row, loads='open_loads') -%}
    {%- if plan.files is not none -%}
        {{ "coalesce(" ~ row ~ ".file_name in " ~ _in_list(plan.names) ~ ", false)" if plan.names else '1 = 0' }}
    {%- else -%}
        exists (
            select 1 from {{ loads }} as loads_of_row
            where loads_of_row.provider = {{ row }}.provider and loads_of_row.load_key = {{ _load_key(row ~ '.loaded_at') }}
        )
    {%- endif -%}
{%- endmacro %}

{#- Rows of open loads; needs the CTE `loads`. -#}
{% macro _in_open_loads(rows, loads='open_loads') %}
    select rows_of_loads.*
    from {{ rows }} as rows_of_loads
    inner join {{ loads }} as loads_of_row
        on
            rows_of_loads.provider = loads_of_row.provider
            and {{ _load_key('rows_of_loads.loaded_at') }} = loads_of_row.load_key
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
