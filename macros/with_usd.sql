{#- Reference: macros/_macros.yml (with_usd). -#}
{% macro with_usd(feed, amount, date, counts) %}
    select
        feed.*,
        {#- 18 digits by 18 digits would overflow on DuckDB #}
        {{ round_decimal(
            as_decimal('feed.' ~ amount, 28, 6) ~ ' * rates.usd_per_unit', 24, 6
        ) }} as {{ amount }}_usd,
        case
            when feed.unparsable_columns like '%whole_line %' then 'unreadable_line'
            when feed.unparsable_columns like '%{{ date }} %' then 'unparsable_{{ date }}'
            when feed.{{ date }} is null then 'missing_{{ date }}'
            when feed.unparsable_columns like '%{{ amount }} %' or feed.{{ amount }} < 0
                then 'invalid_{{ amount }}'
            when feed.{{ amount }} is null then 'missing_{{ amount }}'
            when rates.currency is null then 'unknown_currency'
            {%- for count in counts %}
            when feed.unparsable_columns like '%{{ count }} %' or feed.{{ count }} < 0
                then 'invalid_{{ count }}'
            {%- endfor %}
        end as rejection_reason
    from {{ feed }} as feed
    left join {{ ref('int_exchange_rates') }} as rates
        on
            feed.currency = rates.currency
            and coalesce(feed.{{ date }}, cast('2000-01-01' as date)) >= rates.valid_from
            and coalesce(feed.{{ date }}, cast('2000-01-01' as date)) < rates.valid_until
{% endmacro %}
