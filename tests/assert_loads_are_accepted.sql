{#-
    A load of which less than min_accepted_share is accepted stops what comes after the build: the good rows are in, and
    nothing is published. A load is a file, or a provider's rows of one load date; and all of a provider's rows together,
    since rows that are refused for their load time have no date of their own. Of spend and ad revenue, too.
-#}
{%- do ref('mart_data_quality') -%}
{%- do ref('state_files') -%}
{%- do ref('int_event_log') -%}
{%- do ref('int_event_loads') -%}
{%- set feeds = ['ad_spend', 'ad_revenue'] -%}
{%- do ref('int_ad_spend') -%}
{%- do ref('int_ad_revenue') -%}
{%- set loads -%}
    {%- if reads_files() %}
    select file_name as load_name, 'events' as feed, provider, file_name, row_count, rejected_count
    from {{ ref('state_files') }}
    where row_count > 0
    {%- else %}
    select
        'provider ' || provider || ', loaded on ' || cast(load_date as {{ dbt.type_string() }}) as load_name,
        'events' as feed,
        provider,
        cast(null as {{ dbt.type_string() }}) as file_name,
        sum(row_count) as row_count,
        sum(case when event_status = 'rejected' then row_count else 0 end) as rejected_count
    from {{ ref('int_event_loads') }}
    where coalesce(rejection_reason, '') not in ('loaded_at_in_future', 'missing_loaded_at', 'unparsable_loaded_at')
    group by provider, load_date
    union all
    select
        'provider ' || provider as load_name,
        'events' as feed,
        provider,
        cast(null as {{ dbt.type_string() }}) as file_name,
        sum(row_count) as row_count,
        sum(case when event_status = 'rejected' then row_count else 0 end) as rejected_count
    from {{ ref('int_event_loads') }}
    group by provider
    {%- endif %}
    {%- for feed in feeds %}
    union all
    select
        coalesce(
            file_name, 'provider ' || provider || ', {{ feed }}' || coalesce(', loaded on ' || load_date, '')
        ) as load_name,
        '{{ feed }}' as feed,
        provider,
        file_name,
        count(*) as row_count,
        count(rejection_reason) as rejected_count
    from (
        -- of a file all rows are one load, whatever they say
        select
            provider,
            file_name,
            rejection_reason,
            case when file_name is null then cast(cast(loaded_at as date) as {{ dbt.type_string() }}) end as load_date
        from {{ ref('int_' ~ feed) }}
    ) as feed_rows
    group by provider, file_name, load_date
    {%- endfor %}
{%- endset -%}
{%- set poor -%}
select load_name, feed, provider, file_name, row_count, rejected_count
from ({{ loads }}) as loads
where row_count - rejected_count < row_count * {{ var('min_accepted_share') }}
{%- endset -%}

{%- if execute and flags.WHICH in ['build', 'test'] -%}
    {%- set texts = [] -%}
    {%- for name, feed, provider, file_name, row_count, rejected_count in run_query(poor ~ ' order by 1 limit 5') -%}
        {%- set example = "coalesce(raw_row, event_id)" if feed == 'events'
            else "coalesce(cast(" ~ _ad_feed_columns(feed).date ~ " as " ~ dbt.type_string() ~ "), 'no date') || ', app ' || app_id" -%}
        {%- set reasons = run_query(
            "select rejection_reason, count(*), min(" ~ example ~ ") from "
            ~ ref('int_event_log' if feed == 'events' else 'int_' ~ feed) ~ " where provider = " ~ text_literal(provider)
            ~ (" and event_status = 'rejected'" if feed == 'events' else " and rejection_reason is not null")
            ~ (" and file_name = " ~ text_literal(file_name) if file_name else "")
            ~ " group by rejection_reason order by 2 desc, 1 limit 1"
        ).rows -%}
        {%- do texts.append(
            name ~ ": " ~ (row_count - rejected_count) ~ " of " ~ row_count ~ " rows accepted; the commonest reason is "
            ~ reasons[0][0] ~ ", for instance " ~ reasons[0][2] | string | truncate(300)
        ) -%}
    {%- endfor -%}
    {%- if texts -%}
        {{ exceptions.raise_compiler_error(
            "less than min_accepted_share (" ~ var('min_accepted_share') ~ ") of a load was accepted:\n  " ~ texts | join('\n  ')
            ~ "\n  Correct the input (a corrected file replaces its own rows), or lower the variable min_accepted_share"
        ) }}
    {%- endif -%}
    select 'enough is accepted' as load_name from (select 1 as nothing) as no_rows where 1 = 0
{%- else -%}
    {{ poor }}
{%- endif -%}
