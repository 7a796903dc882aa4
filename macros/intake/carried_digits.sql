{#-
    Rows of ad revenue with as many digits as the feed has. An impression may earn less than the sixth digit shows: what a row
    has beyond it goes to the next row of its file, day, country and network, so that the rows add up to the sum of the file.
-#}
{% macro _rows_with_carried_digits(rows) %}
    {%- set key = ['app_id', 'platform', 'country', 'ad_network', 'revenue_date', 'updated_at', 'loaded_at', 'file_name'] -%}
    {%- set so_far -%}
        sum(revenue) over (
            partition by {{ key | join(', ') }}
            order by revenue, impressions, coalesce(unparsable_columns, '')
            rows between unbounded preceding and current row
        )
    {%- endset %}
select
    provider,
    app_id,
    platform,
    country,
    ad_network,
    currency,
    {{ as_decimal(
        round_decimal('revenue_so_far', 28, 6) ~ ' - ' ~ round_decimal('revenue_so_far - revenue', 28, 6), 18, 6
    ) }} as revenue,
    impressions,
    revenue_date,
    updated_at,
    loaded_at,
    file_name,
    unparsable_columns
from (
    select
        report.*,
        {{ as_decimal(so_far, 28, 9) }} as revenue_so_far
    from ({{ rows }}) as report
) as carried
{% endmacro %}
