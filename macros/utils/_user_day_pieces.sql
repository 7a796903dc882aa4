{#-
    Of fct_user_days, `union all` further selects: what counts on another date than that on which its session starts. The
    model has the columns, and the CTE `installs`.
-#}

{#- Of sessions that run over midnight: what was done on later days. -#}
{% macro _moved_pieces(scope, of_sessions, of_events) -%}
    {%- for date, day_n, sign, what in [
        ('activity_date', 'day_n', 1, 'what was done on a later day is given to that day'),
        ('session_date', 'start_day_n', -1, 'and taken from the day of the start')
    ] %}
    union all
    -- {{ what }}
    select
        crossings.user_key,
        crossings.app_id,
        crossings.platform,
        crossings.country,
        case when crossings.{{ date }} = crossings.session_date then 0 else 1 end as country_rank,
        crossings.started_at,
        cast(null as {{ dbt.type_timestamp() }}) as ended_at,
        cast(crossings.{{ date }} as date) as activity_date,
        cast(crossings.{{ day_n }} as bigint) as day_n,
        {%- for measure in of_sessions %}
        0 as {{ measure }},
        {%- endfor %}
        {%- for measure in of_events %}
        crossings.{{ measure }} * {{ sign }} as {{ measure }},
        {%- endfor %}
        0 as refund_count,
        0 as refund_usd
    from {{ ref('int_crossing_sessions') }} as crossings
    {{ where_touched_since(scope, 'crossings', date, kind='date') }}
    {%- endfor %}
{%- endmacro %}

{#- What is in no session since nobody was active; of activity, only refunds count here. -#}
{% macro _pieces_outside_sessions(scope, of_sessions) -%}
    union all
    -- what is in no session, and refunds
    select
        money.user_key,
        money.app_id,
        money.platform,
        money.country,
        2 as country_rank,
        money.event_at as started_at,
        cast(null as {{ dbt.type_timestamp() }}) as ended_at,
        money.activity_date,
        {{ day_n('installs.installed_at', 'money.event_at', 'money.app_id') }} as day_n,
        {%- for measure in of_sessions + ['app_open_count', 'event_count', 'in_app_event_count'] %}
        0 as {{ measure }},
        {%- endfor %}
        case when money.event_type = 'ad_impression' then 1 else 0 end as ad_impression_count,
        case when money.event_type = 'purchase' then 1 else 0 end as purchase_count,
        case when money.is_activity then 0 else coalesce(money.ad_revenue_usd, 0) end as ad_revenue_usd,
        case when money.is_activity then 0 else coalesce(money.iap_revenue_usd, 0) end as iap_revenue_usd,
        case when money.event_type = 'refund' then 1 else 0 end as refund_count,
        case when money.event_type = 'refund' then -coalesce(money.iap_revenue_usd, 0) else 0 end as refund_usd
    from (
        select *, {{ local_date('event_at', 'app_id') }} as activity_date
        from {{ ref('int_money_events') }}
        where not is_activity or event_type = 'refund'
    ) as money
    left join installs
        on money.user_key = installs.user_key
    {{ where_touched_since(scope, 'money', 'activity_date', kind='date') }}
{%- endmacro %}
