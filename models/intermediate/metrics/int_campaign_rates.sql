{{ config(materialized='tracked_view') }}
{%- set app = ['app_id', 'platform', 'cohort_start_date'] %}
{%- set min_users = _least_campaign_users() %}
{%- set rates = {
    'no_session_rate': ['no_session_users', 'mature_installs'],
    'one_day_rate': ['(mature_installs - returned_users)', 'mature_installs'],
    'd1_retention_rate': ['d1_users', 'd0_users'],
    'd7_retention_rate': ['d7_users', 'd0_users'],
    'heavy_user_rate': ['heavy_users', 'mature_installs'],
    'without_device_id_rate': ['users_without_device_id', 'identifiable_users'],
    'peak_hour_rate': ['peak_hour_installs', 'mature_installs']
} %}
{%- set means = {
    'sessions_per_install': 'session_count',
    'length_per_install_seconds': 'total_session_length_seconds'
} %}
with

rated as (

    select
        *,
        campaign_id = '(organic)' as is_organic,
        {%- for rate, parts in rates.items() %}
        cast({{ parts[0] }} as {{ type_double() }}) / nullif({{ parts[1] }}, 0) as {{ rate }},
        {%- endfor %}
        {%- for mean, total in means.items() %}
        {{ safe_divide(total, 'mature_installs') }} as {{ mean }},
        {{ safe_divide(total ~ '_squares', 'mature_installs') }} as {{ mean }}_squares{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('int_campaign_quality') }}

),

bounded as (

    -- a mean with its interval of the normal distribution, and of it the bound that is needed
    select
        *,
        {%- for rate, parts in rates.items() %}
        {%- for side in ['lower', 'upper'] %}
        {{ wilson_bound(rate, parts[1], side) }} as {{ rate }}_{{ side }},
        {%- endfor %}
        {%- endfor %}
        {%- for mean in means %}
        {{ mean }} + {{ _z_95() }} * sqrt(
            greatest({{ mean }}_squares - {{ mean }} * {{ mean }}, 0) / nullif(mature_installs, 0)
        ) as {{ mean }}_upper{{ ',' if not loop.last }}
        {%- endfor %}
    from rated

),

-- one measure at a time: Redshift takes one median per select. In millionths: some engines' medians have no more
{% for mean in means -%}
paid_{{ mean }} as (

    select
        {{ app | join(', ') }},
        {{ median(as_decimal(mean, 28, 6)) }} as paid_median
    from bounded
    where not is_organic and mature_installs >= {{ min_users }}
    group by {{ app | join(', ') }}

),

{% endfor -%}
organic as (

    select *
    from bounded
    where is_organic and d0_users >= {{ min_users }}

),

compared as (

    select
        bounded.*,
        {%- for rate in ['one_day_rate', 'd1_retention_rate', 'd7_retention_rate', 'without_device_id_rate'] %}
        organic.{{ rate }} as organic_{{ rate }},
        organic.{{ rate }}_lower as organic_{{ rate }}_lower,
        organic.{{ rate }}_upper as organic_{{ rate }}_upper,
        {%- endfor %}
        {%- for mean in means %}
        paid_{{ mean }}.paid_median as paid_median_{{ mean }}{{ ',' if not loop.last }}
        {%- endfor %}
    from bounded
    left join organic
        on
            {% for key in app %}bounded.{{ key }} = organic.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    {%- for mean in means %}
    left join paid_{{ mean }}
        on
            {% for key in app %}bounded.{{ key }} = paid_{{ mean }}.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
    {%- endfor %}

)

select * from compared
