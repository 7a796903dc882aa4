{#-
    Of spend, ad revenue and lists: rows as they came in, counted where they are kept, are those of
    mart_data_quality. Of files, lines that cannot be read are among them.
-#}
{%- set kept = {'ad_spend': 'daily_spend', 'ad_revenue': 'daily_ad_revenue'} -%}
{%- for feed in _lists() -%}{%- do kept.update({feed: feed}) -%}{%- endfor %}
with

kept as (

    {%- if reads_files() %}
    select
        provider,
        case
            {%- for feed, name in kept.items() %}
            when feed in ('{{ feed }}', '{{ name }}') then '{{ feed }}'
            {%- endfor %}
        end as feed,
        count(*) as kept_row_count
    from {{ ref('state_file_rows') }}
    where
        feed in ('{{ (kept.keys() | list + kept.values() | list) | unique | join("', '") }}')
        and provider in {{ _in_list(var('providers')) }}
    group by 1, 2
    {%- else %}
    {%- for feed in kept %}
    select
        provider,
        '{{ feed }}' as feed,
        count(*) as kept_row_count
    from (
        {%- if feed in ['ad_spend', 'ad_revenue'] %}
        {{ _kept_rows_of_feed(feed) }}
        {%- else %}
        {%- for provider in _providers_with(feed) %}
        select provider from {{ ref('stg_' ~ provider ~ '__' ~ feed) }}
        {{ 'union all' if not loop.last }}
        {%- else %}
        select '' as provider from (select 1 as nothing) as no_rows where 1 = 0
        {%- endfor %}
        {%- endif %}
    ) as kept_rows
    group by provider
    {{ 'union all' if not loop.last }}
    {%- endfor %}
    {%- endif %}

),

counted as (

    select provider, feed, sum(raw_row_count) as counted_row_count
    from {{ ref('mart_data_quality') }}
    where feed <> 'events'
    group by provider, feed

)

select
    coalesce(kept.provider, counted.provider) as provider,
    coalesce(kept.feed, counted.feed) as feed,
    kept.kept_row_count,
    counted.counted_row_count
from kept
full outer join counted
    on kept.provider = counted.provider and kept.feed = counted.feed
where coalesce(kept.kept_row_count, 0) <> coalesce(counted.counted_row_count, 0)
