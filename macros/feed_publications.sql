{#- The rows of a spend or revenue feed, their amount in US dollars, and what a later publication replaces. -#}
{% macro feed_publications(relation, feed) %}
    {%- set columns = _ad_feed_columns(feed) -%}
    {%- set content = columns.key + columns.texts + [columns.amount] + columns.counts + ['updated_at'] -%}
    {%- set is_accepted = 'case when rejection_reason is null then 1 else 0 end' -%}
    select
        repeated.*,
        rejection_reason is null and (publication_number > 1 or repetition_number > 1) as is_superseded
    from (
        -- a line that a later load says again is not counted again; a load may say it twice
        select
            ranked.*,
            row_number() over (
                partition by {{ is_accepted }}, {{ content | join(', ') }}, line_number
                order by loaded_at desc nulls last, file_name desc nulls last
            ) as repetition_number
        from (
            select
                judged.*,
                dense_rank() over (
                    partition by {{ is_accepted }}, {{ columns.key | join(', ') }}
                    order by published_at desc nulls last, undated_publication desc nulls last
                ) as publication_number,
                row_number() over (
                    partition by {{ is_accepted }}, {{ content | join(', ') }}, loaded_at, file_name
                    order by {{ columns.amount }}
                ) as line_number
            from ({{ _judged_feed(relation, columns) }}) as judged
        ) as ranked
    ) as repeated
{% endmacro %}

{#- What is a key of a feed, what a text beside it, what an amount, what a count. -#}
{% macro _ad_feed_columns(feed) %}
    {{ return({
        'ad_spend': {
            'date': 'spend_date',
            'amount': 'spend',
            'counts': ['impressions', 'clicks', 'reported_installs'],
            'key': [
                'provider', 'spend_date', 'app_id', 'platform', 'channel', 'campaign_id', 'country', 'campaign_label'
            ],
            'texts': ['campaign_name', 'currency']
        },
        'ad_revenue': {
            'date': 'revenue_date',
            'amount': 'revenue',
            'counts': ['impressions'],
            'key': ['provider', 'revenue_date', 'app_id', 'platform', 'country', 'ad_network'],
            'texts': ['currency']
        }
    }[feed]) }}
{% endmacro %}

{#- The rows in US dollars, with the reason why one is refused, and without optional values that make no sense. -#}
{% macro _judged_feed(relation, columns) %}
    {%- set date, amount = 'timed.' ~ columns.date, 'timed.' ~ columns.amount -%}
    {%- set is_dated_ahead = 'timed.updated_at > ' ~ plus_seconds('timed.known_at', 86400) -%}
    {%- set updated_at = 'case when ' ~ is_dated_ahead ~ ' then null else timed.updated_at end' -%}
    select
        {%- for column in columns.key + columns.texts + [columns.amount, 'loaded_at', 'file_name'] %}
        timed.{{ column }},
        {%- endfor %}
        {%- for count in columns.counts %}
        case when timed.{{ count }} >= 0 then timed.{{ count }} end as {{ count }},
        {%- endfor %}
        {#- 18 digits by 18 digits would overflow on DuckDB #}
        {{ round_decimal(as_decimal(amount, 28, 6) ~ ' * rates.usd_per_unit', 24, 6) }} as {{ columns.amount }}_usd,
        {{ updated_at }} as updated_at,
        coalesce({{ updated_at }}, timed.loaded_at) as published_at,
        case
            when coalesce({{ updated_at }}, timed.loaded_at) is null
                then coalesce(cast(timed.updated_at as {{ dbt.type_string() }}), timed.file_name)
        end as undated_publication,
        case
            when timed.unparsable_columns like '%whole_line %' then 'unreadable_line'
            when timed.unparsable_columns like '%{{ columns.date }} %' then 'unparsable_{{ columns.date }}'
            when {{ date }} is null then 'missing_{{ columns.date }}'
            when {{ date }} < cast('{{ (var("min_event_at") | string)[:10] }}' as date) then '{{ columns.date }}_too_old'
            -- a day begins up to 14 hours earlier elsewhere
            when {{ date }} > {{ _plus_days('cast(timed.known_at as date)', 1) }} then '{{ columns.date }}_in_future'
            when timed.unparsable_columns like '%{{ columns.amount }} %' then 'unparsable_{{ columns.amount }}'
            when {{ amount }} is null then 'missing_{{ columns.amount }}'
            when rates.currency is null then 'unknown_currency'
        end as rejection_reason,
        nullif(
            case
                when timed.unparsable_columns like '%updated_at %' or {{ is_dated_ahead }} then 'updated_at ' else ''
            end
            {%- for count in columns.counts %}
            || case
                when timed.unparsable_columns like '%{{ count }} %' or timed.{{ count }} < 0
                    then '{{ count }} '
                else ''
            end
            {%- endfor %}, ''
        ) as nulled_columns
    from (
        -- by when a row was known at the latest: an `updated_at` alone vouches for nothing after the newest event load
        select
            feed.*,
            case
                when feed.loaded_at is not null then feed.loaded_at
                when feed.updated_at is null or feed.updated_at > loads.newest_load_at then loads.newest_load_at
                else feed.updated_at
            end as known_at
        from {{ relation }} as feed
        cross join (
            select max(last_loaded_at) as newest_load_at
            from {{ ref('int_event_loads') }}
            where event_status = 'accepted'
        ) as loads
    ) as timed
    left join {{ ref('int_exchange_rates') }} as rates
        on
            timed.currency = rates.currency
            and coalesce({{ date }}, cast('2000-01-01' as date)) >= rates.valid_from
            and coalesce({{ date }}, cast('2000-01-01' as date)) < rates.valid_until
{% endmacro %}

{#- The column that a reason of a refusal is about; null where it is about the whole line. -#}
{% macro _refused_column(reason, columns) -%}
    case
        when {{ reason }} like '%{{ columns.date }}%' then '{{ columns.date }}'
        when {{ reason }} like '%{{ columns.amount }}' then '{{ columns.amount }}'
        when {{ reason }} like '%currency' then 'currency'
    end
{%- endmacro %}
