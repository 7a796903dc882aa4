{{ config(
    materialized='tracked',
    unique_key='event_load_id',
    meta={'built_after': ['int_exchange_rates']},
    **table_layout(keys=['provider', 'load_date'])
) }}
-- depends_on: {{ ref('state_changed_loads') }}
{%- set scope = rebuild_scope() %}
{%- do built_after('int_exchange_rates') %}
{%- do stale_rows(is_load_touched('$row.provider', '$row.load_date'), keeps_equal=false) %}

with

logged as (

    select
        provider,
        cast(loaded_at as date) as load_date,
        event_status,
        rejection_reason,
        user_id,
        case when event_status in ('rejected', 'left_out') then coalesce(substr(raw_row, 1, 300), event_id) end as example,
        event_at,
        loaded_at,
        case when event_status = 'accepted' then {{ epoch_us('loaded_at') }} - {{ epoch_us('event_at') }} end
            as lateness_us
    from {{ ref('int_event_log') }}
    {{ where_load_touched(scope) }}

),

counted as (

    select
        provider,
        load_date,
        event_status,
        rejection_reason,
        count(*) as row_count,
        min(example) as example,
        count(case when user_id is null and event_status <> 'left_out' then 1 end) as missing_actor_count,
        count(case when lateness_us > 86400000000 then 1 end) as late_count,
        {{ percentile('lateness_us', 0.5) }} as lateness_p50_us,
        {{ percentile('lateness_us', 0.9) }} as lateness_p90_us,
        {{ percentile('lateness_us', 0.99) }} as lateness_p99_us,
        max(lateness_us) as lateness_max_us,
        max(event_at) as last_event_at,
        max(loaded_at) as last_loaded_at
    from logged
    group by provider, load_date, event_status, rejection_reason

),

final as (

    select
        ---------- ids
        {{ mart_key(['provider', 'load_date', 'event_status', 'rejection_reason']) }} as event_load_id,

        ---------- strings
        provider,
        event_status,
        rejection_reason,
        example,

        ---------- numerics
        row_count,
        missing_actor_count,
        late_count,
        {%- for measure in ['p50', 'p90', 'p99', 'max'] %}
        {{ as_decimal(as_decimal('lateness_' ~ measure ~ '_us', 18, 0) ~ ' * ' ~ as_decimal("'0.000001'", 7, 6), 18, 6) }}
            as lateness_{{ measure }}_seconds,
        {%- endfor %}

        ---------- dates and timestamps
        load_date,
        last_event_at,
        last_loaded_at
    from counted

)

select * from final
