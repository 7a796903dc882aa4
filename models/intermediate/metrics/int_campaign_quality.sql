{{ config(materialized=view_read_often()) }}
{%- set app = ['app_id', 'platform', 'cohort_start_date'] %}
{%- set keys = ['app_id', 'platform', 'channel', 'campaign_id', 'cohort_start_date'] %}
with

users as (

    -- whole numbers add up alike in any order
    select *, cast(round(total_session_length_seconds) as bigint) as whole_session_length_seconds
    from {{ ref('int_campaign_users') }}

),

organic_opens as (

    select
        {{ app | join(', ') }},
        cast({{ percentile('app_open_count', 0.99) }} as bigint) as organic_app_open_count_p99
    from users
    where is_mature and campaign_id = '(organic)'
    group by {{ app | join(', ') }}
    having count(*) >= {{ _least_campaign_users() }}

),

hours as (

    select
        {{ keys | join(', ') }},
        max(install_count) as peak_hour_installs
    from (
        select {{ keys | join(', ') }}, install_hour, count(*) as install_count
        from users
        where is_mature
        group by {{ keys | join(', ') }}, install_hour
    ) as install_hours
    group by {{ keys | join(', ') }}

),

opens as (

    -- by itself: Redshift takes one percentile per select
    select
        {{ keys | join(', ') }},
        {{ percentile('app_open_count', 0.99) }} as app_open_count_p99
    from users
    where is_mature
    group by {{ keys | join(', ') }}

),

counted as (

    select
        {% for key in keys %}users.{{ key }}, {% endfor %}
        max(organic_opens.organic_app_open_count_p99) as organic_app_open_count_p99,
        count(*) as tracked_installs,
        {%- set users_who = {
            'mature_installs': 'users.is_mature',
            'inferred_installs': 'users.is_mature and users.is_install_inferred',
            'no_session_users': 'users.is_mature and users.session_count = 0',
            'd0_users': 'users.is_mature and users.is_d0_active = 1',
            'd1_users': 'users.is_mature and users.is_d0_active = 1 and users.is_d1_active = 1',
            'd7_users': 'users.is_mature and users.is_d0_active = 1 and users.is_d7_active = 1',
            'returned_users': 'users.is_mature and users.has_returned = 1',
            'identifiable_users': 'users.is_mature and users.is_without_device_id is not null',
            'users_without_device_id': 'users.is_mature and users.is_without_device_id = 1'
        } %}
        {%- for measure, condition in users_who.items() %}
        count(case when {{ condition }} then 1 end) as {{ measure }},
        {%- endfor %}
        -- not known where there is nobody to compare with
        case
            when max(organic_opens.organic_app_open_count_p99) is not null
                then count(
                    case when users.is_mature and users.app_open_count > organic_opens.organic_app_open_count_p99 then 1 end
                )
        end as heavy_users,
        {%- for measure in ['session_count', 'app_open_count', 'total_session_length_seconds'] %}
        coalesce(sum(case when users.is_mature then users.{{ measure }} end), 0) as {{ measure }},
        {%- endfor %}
        {%- for measure, whole in {
            'session_count': 'session_count', 'total_session_length_seconds': 'whole_session_length_seconds'
        }.items() %}
        coalesce(sum(case when users.is_mature then users.{{ whole }} * users.{{ whole }} end), 0) as {{ measure }}_squares
        {{- ',' if not loop.last }}
        {%- endfor %}
    from users
    left join organic_opens
        on
            {%- for key in app %}
            users.{{ key }} = organic_opens.{{ key }}{{ ' and' if not loop.last }}
            {%- endfor %}
    group by {% for key in keys %}users.{{ key }}{{ ', ' if not loop.last }}{% endfor %}

),

final as (

    select
        counted.*,
        cast(opens.app_open_count_p99 as bigint) as app_open_count_p99,
        coalesce(hours.peak_hour_installs, 0) as peak_hour_installs
    from counted
    left join opens
        on
            {%- for key in keys %}
            counted.{{ key }} = opens.{{ key }}{{ ' and' if not loop.last }}
            {%- endfor %}
    left join hours
        on
            {%- for key in keys %}
            counted.{{ key }} = hours.{{ key }}{{ ' and' if not loop.last }}
            {%- endfor %}

)

select * from final
