{#-
    Of files: each that state_files says was read is in the event log with all its rows, and none was left unread. Of tables:
    raw rows of a load that landed behind the newest one by more than load_lookback_days are in no table; they are counted
    while dbt compiles the test, so that the message can say how far back to look: dbt prints no rows.
-#}
{%- if reads_files() %}
with

logged as (

    select file_name, count(*) as logged_row_count, count(case when event_status = 'rejected' then 1 end) as logged_rejected_count
    from {{ ref('int_event_log') }}
    group by file_name

)

select
    files.file_name,
    files.status,
    files.row_count,
    logged.logged_row_count
from {{ ref('state_files') }} as files
left join logged
    on files.file_name = logged.file_name
where
    -- refused rows are counted of events only: rows of other feeds are in state_file_rows
    (files.status in ('read', 'gone') and files.rejected_count is not null and (
        files.row_count <> coalesce(logged.logged_row_count, 0)
        or files.rejected_count <> coalesce(logged.logged_rejected_count, 0)
    ))
    or (files.status = 'pending' and files.provider in {{ _in_list(var('providers')) }})
{%- else -%}
{%- set counted -%}
with

staged as (

    {% for provider in _event_providers() -%}
    select
        '{{ provider }}' as provider,
        cast(loaded_at as date) as load_date,
        count(*) as raw_row_count
    from {{ ref('stg_' ~ provider ~ '__events') }}
    group by 1, 2
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

),

logged as (

    select
        provider,
        cast(loaded_at as date) as load_date,
        count(case when event_status = 'accepted' then 1 end) as accepted_count,
        count(case when event_status = 'duplicate' then 1 end) as duplicate_count,
        count(case when event_status = 'rejected' then 1 end) as rejected_count,
        count(case when event_status = 'left_out' then 1 end) as left_out_count,
        count(*) as logged_row_count
    from {{ ref('int_event_log') }}
    group by 1, 2

),

final as (

    -- raw files may be removed once they are loaded: only what is missing in the log counts
    select
        staged.provider,
        staged.load_date,
        staged.raw_row_count,
        coalesce(logged.accepted_count, 0) as accepted_count,
        coalesce(logged.duplicate_count, 0) as duplicate_count,
        coalesce(logged.rejected_count, 0) as rejected_count,
        coalesce(logged.left_out_count, 0) as left_out_count
    from staged
    left join logged
        on
            staged.provider = logged.provider
            and coalesce(staged.load_date, cast('0001-01-01' as date))
            = coalesce(logged.load_date, cast('0001-01-01' as date))
    where staged.raw_row_count > coalesce(logged.logged_row_count, 0)

)

select * from final
{%- endset -%}

{%- if execute and flags.WHICH in ['build', 'test'] -%}
    {%- set missing = run_query(counted ~ " order by 1, 2") -%}
    {%- if missing.rows | length > 0 -%}
        {{ exceptions.raise_compiler_error(_lost_loads_message(missing)) }}
    {%- endif -%}
    select 'all rows are accounted for' as counted from (select 1 as nothing) as no_rows where 1 = 0
{%- else -%}
    {{ counted }}
{%- endif -%}
{%- endif -%}
