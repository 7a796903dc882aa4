-- Who comes back, by week of the install? Users active on day N over D0 users, of the install dates of
-- the week for which day N is complete: a cell without such a date is null.
{%- set days = [1, 3, 7, 14, 30] %}
select
    {{ week_start('install_date') }} as install_week,
    sum(case when day_n = 0 then tracked_installs end) as tracked_installs,
    {%- for day_n in days %}
    {{ safe_divide(
        'sum(case when day_n = ' ~ day_n ~ ' then active_users end)',
        'sum(case when day_n = ' ~ day_n ~ ' then d0_users end)'
    ) }} as retention_rate_d{{ day_n }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('mart_cohorts_n_day') }}
where day_n in (0, {{ days | join(', ') }})
group by {{ week_start('install_date') }}
order by install_week
