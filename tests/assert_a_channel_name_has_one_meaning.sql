select
    coalesce(trim(provider), '') as provider,
    lower(trim(channel_name)) as channel_name
from {{ ref('channel_mapping') }}
group by 1, 2
having count(distinct trim(channel)) > 1
union all
select 'any' as provider, lower(trim(channel)) as channel_name
from {{ ref('channel_mapping') }}
group by 2
having count(distinct trim(channel)) > 1
