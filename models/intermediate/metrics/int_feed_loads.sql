{{ config(materialized='tracked_view') }}
{%- set dated_feeds = {'ad_spend': 'spend_date', 'ad_revenue': 'revenue_date'} -%}
with

newest as (

    -- only accepted rows vote; where no time of a publication is known, the beginning of its day does
    select
        provider,
        'events' as feed,
        max(last_loaded_at) as newest_load_at,
        1 as is_timed
    from {{ ref('int_event_loads') }}
    where event_status = 'accepted'
    group by provider
    {%- for feed, date in dated_feeds.items() %}
    union all
    select
        provider,
        '{{ feed }}' as feed,
        max(coalesce(updated_at, loaded_at, cast({{ date }} as {{ dbt.type_timestamp() }}))) as newest_load_at,
        max(case when coalesce(updated_at, loaded_at) is not null then 1 else 0 end) as is_timed
    from {{ ref('fct_' ~ feed) }}
    group by provider
    {%- endfor %}

),

final as (

    select
        provider,
        feed,
        {% if var('as_of') -%}
        {{ _timestamp(var('as_of')) }} as newest_load_at,
        {%- else -%}
        newest_load_at,
        {%- endif %}
        is_timed = 1 as is_timed
    from newest

)

select * from final
