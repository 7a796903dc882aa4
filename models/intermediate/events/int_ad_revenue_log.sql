{{ config(
    enabled=_keeps_feed_logs(),
    materialized='tracked',
    meta={'changed_by': 'change_feed_log'},
    pre_hook="{{ check_feed_dates_are_kept() }}"
) }}
{%- set rows_sql %}
-- a row without a readable date is one of the year 1
select
    *,
    coalesce(revenue_date, cast('0001-01-01' as date)) as feed_date
from (
    {{ _rows_of_feed('ad_revenue') }}
) as staged
{%- endset %}
{%- do find_changed_feed_dates(rows_sql) %}

{{ rows_sql }}
