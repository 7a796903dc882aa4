with

listed as (

    select app_id, platform, app_name
    from (
        {{ _rows_of_feed('apps') }}
    ) as apps
    where app_id is not null

),

seen as (

    select distinct app_id, platform
    from (
        {% for model in ['int_users', 'fct_installs', 'fct_ad_spend', 'fct_ad_revenue'] -%}
        select distinct app_id, platform from {{ ref(model) }}
        union all
        {% endfor -%}
        select app_id, platform from listed
    ) as all_apps

),

names as (

    select app_id, max(app_name) as app_name
    from listed
    group by app_id

),

final as (

    select
        {{ app_key('seen.app_id', 'seen.platform') }} as app_key,
        seen.app_id,
        seen.platform,
        coalesce(names.app_name, seen.app_id) as app_name
    from seen
    left join names
        on seen.app_id = names.app_id

)

select * from final
