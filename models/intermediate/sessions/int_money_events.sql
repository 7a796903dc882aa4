{{ config(
    unique_key=['user_key', 'event_at', 'event_key'],
    indexes=lookup_indexes([['user_key']]),
    **table_layout(date='event_at', keys=['user_key'])
) }}
{%- set scope = rebuild_scope() %}
{%- do stale_rows(is_touched_event('$row'), keeps_equal=false) %}
-- event keys are those of {{ quick_hash_version() }}

with

money_events as (

    -- purchases and refunds, and what sessions do not count because nobody was active
    select *
    from {{ ref('int_events') }}
    where
        event_type in ('purchase', 'refund')
        or (
            not is_activity
            and (event_type = 'ad_impression' or iap_revenue_usd is not null or ad_revenue_usd is not null)
        )

),

final as (

    select
        ---------- ids
        user_key,
        app_id,
        platform,
        user_id,
        event_key,

        ---------- strings
        event_type,
        country,

        ---------- numerics
        iap_revenue_usd,
        ad_revenue_usd,

        ---------- booleans
        is_activity,

        ---------- timestamps
        event_at
    from money_events
    {%- if scope == 'touched' %}
    where {{ is_touched_event('money_events') }}
    {%- endif %}

)

select * from final
