{{ config(**table_layout(date='reengagement_date', keys=['app_id', 'campaign_id'])) }}
{%- set keys = ['app_id', 'platform', 'channel', 'campaign_id', 'reengagement_date'] %}
{%- set feeds = ['events', 'ad_revenue'] %}
with

campaign_dates as (

    select
        {{ keys | join(', ') }},
        count(distinct reengagement_session_id) as reengagement_count,
        {%- for feed in feeds %}
        {{ last_complete_date('min(' ~ feed ~ '_loaded_at)', 'app_id') }} as {{ feed }}_complete_until{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_reengagement_days') }}
    group by {{ keys | join(', ') }}

),

activity as (

    -- one row per re-engagement and day N
    select
        {{ keys | join(', ') }},
        day_n,
        count(*) as active_reengagement_count,
        sum(session_count) as session_count,
        sum(ad_revenue) as ad_revenue,
        sum(iap_revenue) as iap_revenue
    from {{ ref('int_reengagement_days') }}
    group by {{ keys | join(', ') }}, day_n

),

days as (

    {{ _rows_of(var('n_days'), 'day_n') }}

),

windows as (

    select
        {% for key in keys %}campaign_dates.{{ key }}, {% endfor %}
        days.day_n,
        max(campaign_dates.reengagement_count) as reengagement_count,
        coalesce(max(case when activity.day_n = days.day_n then activity.active_reengagement_count end), 0)
            as active_reengagement_count,
        {%- for measure in ['session_count', 'ad_revenue', 'iap_revenue'] %}
        sum(activity.{{ measure }}) as cumulative_{{ measure }},
        {%- endfor %}
        {%- for feed in feeds %}
        max(campaign_dates.{{ feed }}_complete_until) as {{ feed }}_complete_until{{ ',' if not loop.last }}
        {%- endfor %}
    from campaign_dates
    cross join days
    inner join activity
        on
            {%- for key in keys %}
            campaign_dates.{{ key }} = activity.{{ key }} and
            {%- endfor %}
            activity.day_n <= days.day_n
    group by {% for key in keys %}campaign_dates.{{ key }}, {% endfor %}days.day_n

),

judged as (

    select
        *,
        {{ is_mature('reengagement_date', 'day_n', ['events'], 'windows') }} as is_mature,
        {{ is_mature('reengagement_date', 'day_n', feeds, 'windows') }} as is_revenue_mature
    from windows

),

final as (

    select
        ---------- ids
        {{ mart_key(keys + ['day_n']) }} as retargeting_day_id,
        app_id,
        platform,
        campaign_id,

        ---------- strings
        channel,
        {{ reporting_currency() }} as reporting_currency,

        ---------- numerics: an immature window counts on neither side of a ratio
        day_n,
        {%- for measure in ['reengagement_count', 'active_reengagement_count', 'cumulative_session_count'] %}
        case when is_mature then cast({{ measure }} as bigint) end as {{ measure }},
        {%- endfor %}
        {%- for measure in ['cumulative_ad_revenue', 'cumulative_iap_revenue'] %}
        case when is_revenue_mature then {{ as_decimal(measure, 28, 9 if 'ad_' in measure else 6) }} end as {{ measure }},
        {%- endfor %}
        case when is_mature then {{ safe_divide('active_reengagement_count', 'reengagement_count') }} end as retention_rate,
        case when is_mature then {{ safe_divide('cumulative_session_count', 'reengagement_count') }} end
            as sessions_per_reengagement,
        case
            when is_revenue_mature
                then {{ safe_divide('cumulative_ad_revenue + cumulative_iap_revenue', 'reengagement_count') }}
        end as revenue_per_reengagement,

        ---------- booleans: the first credit is the acquiring campaign's
        false as is_primary_credit,
        is_mature,
        is_revenue_mature,

        ---------- dates
        reengagement_date
    from judged

)

select * from final
