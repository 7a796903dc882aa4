{%- set kind = [
    'app_id', 'platform', 'campaign_id', 'channel', 'install_country', 'install_app_version', 'install_date', 'is_install_inferred'
] %}
{{ config(
    materialized='tracked',
    unique_key=[
        'app_id', 'platform', 'campaign_id', 'channel', 'install_country', 'install_app_version', 'install_date',
        'is_install_inferred', 'day_n'
    ],
    meta={'handles': ['fct_ad_revenue']},
    **table_layout(date='install_date', keys=['app_id', 'platform'])
) }}
{%- set scope = rebuild_scope() %}
{%- set restated = [_first_restated_date()] if has_new_content('fct_ad_revenue') else [] %}
{%- set first_date = first_touched_date(or_of=restated) if scope == 'touched' %}
{%- do stale_rows(_reaches_date('$row', first_date)) %}
{%- set sums = ['session_count', 'app_open_count', 'ad_revenue', 'iap_revenue'] %}

with

installs as (

    -- no part of the key is null
    select
        user_key, app_id, platform, install_date, is_install_inferred,
        coalesce(campaign_id, '') as campaign_id,
        coalesce(channel, '') as channel,
        coalesce(country, '(unknown)') as install_country,
        coalesce(app_version, '(unknown)') as install_app_version
    from {{ ref('fct_installs') }}
    where not is_reinstall

),

user_days as (

    -- a relative day N can lie on two dates
    select
        days.user_key,
        days.day_n,
        max(case when days.is_active then 1 else 0 end) as active_users,
        sum(days.session_count) as session_count,
        sum(days.app_open_count) as app_open_count,
        sum({{ in_reporting_currency('(days.ad_revenue_usd + days.network_ad_revenue_usd)', 'dates.reporting_units_per_usd') }})
            as ad_revenue,
        sum({{ in_reporting_currency('days.iap_revenue_usd', 'dates.reporting_units_per_usd') }}) as iap_revenue
    from {{ ref('int_user_days') }} as days
    inner join {{ ref('dim_dates') }} as dates
        on days.activity_date = dates.date_day
    {%- if first_date %}
    inner join installs
        on days.user_key = installs.user_key
    {%- endif %}
    where
        days.day_n >= 0
        {%- if first_date %}
        and days.activity_date >= {{ _plus_days(first_date, -3) }}
        and {{ _reaches_date('installs', first_date, 'days.day_n') }}
        {%- endif %}
    group by days.user_key, days.day_n

),

revenue_digests as (

    {{ _revenue_digests() }}

),

kinds as (

    -- the key of one of its users stands for a kind: a number in the place of eight columns
    select
        {{ kind | join(', ') }},
        min(user_key) as kind_key
    from installs
    {%- if first_date %}
    where user_key in (select user_days.user_key from user_days)
    {%- endif %}
    group by {{ kind | join(', ') }}

),

kind_keys as (

    select
        installs.user_key,
        kinds.kind_key
    from installs
    inner join kinds
        on {% for key in kind %}installs.{{ key }} = kinds.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}

),

summed as (

    select
        kind_keys.kind_key,
        user_days.day_n,
        {%- for measure in ['active_users'] + sums %}
        sum(user_days.{{ measure }}) as {{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from user_days
    inner join kind_keys
        on user_days.user_key = kind_keys.user_key
    group by kind_keys.kind_key, user_days.day_n

),

final as (

    select
        {% for key in kind %}kinds.{{ key }}, {% endfor %}
        summed.day_n,
        {%- for count in ['active_users', 'session_count', 'app_open_count'] %}
        cast(summed.{{ count }} as bigint) as {{ count }},
        {%- endfor %}
        summed.ad_revenue,
        summed.iap_revenue,
        coalesce(revenue_digests.digest, 0) as revenue_digest
    from summed
    inner join kinds
        on summed.kind_key = kinds.kind_key
    left join revenue_digests
        on {{ _is_revenue_of('revenue_digests', 'kinds', 'summed.day_n') }}

)

select * from final
