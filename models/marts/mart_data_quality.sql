with

loads as (

    select
        provider,
        'events' as feed,
        load_date,
        sum(row_count) as raw_row_count,
        sum(case when event_status = 'accepted' then row_count else 0 end) as accepted_count,
        sum(case when event_status = 'duplicate' then row_count else 0 end) as duplicate_count,
        sum(case when event_status = 'rejected' then row_count else 0 end) as rejected_count,
        sum(case when event_status = 'left_out' then row_count else 0 end) as left_out_count,
        0 as superseded_count,
        sum(missing_actor_count) as missing_actor_count,
        sum(late_count) as late_count,
        -- of accepted rows, which are one row here
        max(lateness_p50_seconds) as lateness_p50_seconds,
        max(lateness_p90_seconds) as lateness_p90_seconds,
        max(lateness_p99_seconds) as lateness_p99_seconds,
        max(lateness_max_seconds) as lateness_max_seconds,
        max(case when event_status = 'accepted' then last_event_at end) as last_event_at,
        max(case when event_status = 'accepted' then last_loaded_at end) as last_loaded_at
    from {{ ref('int_event_loads') }}
    group by provider, load_date
    union all
    -- rows of other feeds have no user and no time of their own
    select
        provider,
        feed,
        load_date,
        count(*) as raw_row_count,
        count(case when rejection_reason is null and not is_superseded then 1 end) as accepted_count,
        0 as duplicate_count,
        count(rejection_reason) as rejected_count,
        0 as left_out_count,
        count(case when is_superseded then 1 end) as superseded_count,
        cast(null as bigint) as missing_actor_count,
        cast(null as bigint) as late_count,
        {%- for percentile in ['p50', 'p90', 'p99', 'max'] %}
        {{ as_decimal('null', 18, 6) }} as lateness_{{ percentile }}_seconds,
        {%- endfor %}
        cast(null as {{ dbt.type_timestamp() }}) as last_event_at,
        max(case when rejection_reason is null and not is_superseded then loaded_at end) as last_loaded_at
    from {{ ref('int_feed_rows') }}
    group by provider, feed, load_date

),

final as (

    select
        ---------- ids
        {{ mart_key(['provider', 'feed', 'load_date']) }} as provider_load_id,

        ---------- strings
        provider,
        feed,

        ---------- numerics
        {%- for measure in [
            'raw_row_count', 'accepted_count', 'duplicate_count', 'rejected_count', 'left_out_count',
            'superseded_count', 'missing_actor_count', 'late_count'
        ] %}
        cast({{ measure }} as bigint) as {{ measure }},
        {%- endfor %}
        {{ safe_divide('accepted_count', 'raw_row_count') }} as accepted_rate,
        {{ safe_divide('duplicate_count', 'raw_row_count') }} as duplicate_rate,
        {{ safe_divide('rejected_count', 'raw_row_count') }} as rejected_rate,
        {{ safe_divide('missing_actor_count', 'raw_row_count') }} as missing_actor_rate,
        {{ safe_divide('late_count', 'accepted_count') }} as late_rate,
        lateness_p50_seconds,
        lateness_p90_seconds,
        lateness_p99_seconds,
        lateness_max_seconds,

        ---------- dates and timestamps
        load_date,
        last_event_at,
        last_loaded_at
    from loads

)

select * from final
