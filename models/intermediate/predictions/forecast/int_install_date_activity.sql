{{ config(
    materialized='tracked',
    unique_key=['app_id', 'install_date', 'activity_date'],
    **table_layout(date='activity_date', keys=['app_id'])
) }}
{%- set scope = rebuild_scope() %}
{%- set first_date = first_touched_date() if scope == 'touched' %}
{%- do stale_rows('$row.activity_date >= ' ~ first_date) %}
with

installs as (

    select user_key, install_date
    from {{ ref('fct_installs') }}
    where not is_reinstall

),

final as (

    -- what was done before the install belongs to no age
    select
        user_days.app_id,
        installs.install_date,
        user_days.activity_date,
        cast(sum(user_days.session_count) as bigint) as session_count,
        count(distinct case when user_days.is_active then user_days.user_key end) as active_users
    from {{ ref('fct_user_days') }} as user_days
    inner join installs
        on user_days.user_key = installs.user_key
    where
        user_days.activity_date >= installs.install_date
        {%- if first_date %}
        and user_days.activity_date >= {{ first_date }}
        {%- endif %}
    group by user_days.app_id, installs.install_date, user_days.activity_date

)

select * from final
