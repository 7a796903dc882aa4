{{ config(materialized='tracked') }}
{%- set strings = ['app_id', 'platform'] %}
{%- set numbers = ['as_of_number'] + _churn_bins() | reject('in', strings) | list %}

select
    {{ strings | join(', ') }},
    as_of_date,
    {%- for number in numbers %}
    cast({{ number }} as bigint) as {{ number }},
    {%- endfor %}
    cast(count(*) as bigint) as user_count
    {%- for horizon in _churn_horizons() %},
    cast(sum(is_churned_{{ horizon }}d) as bigint) as churned_{{ horizon }}d_user_count
    {%- endfor %}
from {{ ref('int_churn_points') }}
group by {{ (strings + ['as_of_date'] + numbers) | join(', ') }}
