{#- what it reads is looked at by itself, for the facts -#}
{{ config(meta={'reads_raw': false}) }}
{%- set feeds = {'ad_spend': _ad_feed_columns('ad_spend'), 'ad_revenue': _ad_feed_columns('ad_revenue')} -%}
with

feed_rows as (

    {% for feed, columns in feeds.items() -%}
    select
        provider,
        cast('{{ feed }}' as {{ dbt.type_string() }}) as feed,
        coalesce(cast(loaded_at as date), cast(updated_at as date), {{ columns.date }}) as load_date,
        rejection_reason,
        {{ _refused_column('rejection_reason', columns) }} as refused_column_name,
        nulled_columns,
        country,
        is_superseded,
        coalesce(cast({{ columns.date }} as {{ dbt.type_string() }}), 'no date')
        {%- for column in columns.key[2:] %}
        || coalesce(', ' || {{ column }}, '')
        {%- endfor %}
        || coalesce(', file ' || file_name, '') as example
    from {{ ref('int_' ~ feed) }}
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

),

kinds as (

    select
        provider, feed, load_date,
        'row_refused' as kind,
        rejection_reason as reason,
        refused_column_name as column_name,
        example
    from feed_rows
    where rejection_reason is not null
    union all
    select
        provider, feed, load_date,
        'superseded' as kind,
        'older_publication' as reason,
        cast(null as {{ dbt.type_string() }}) as column_name,
        example
    from feed_rows
    where is_superseded
    union all
    select
        provider, feed, load_date,
        'value_kept' as kind,
        'unknown_country' as reason,
        'country' as column_name,
        example
    from feed_rows
    where
        country is not null
        and not exists (
            select 1 from {{ ref('country_codes') }} as codes
            where codes.country_code = feed_rows.country
        )
    {%- for column in ['updated_at'] + feeds.ad_spend.counts %}
    union all
    select
        provider, feed, load_date,
        'value_set_to_null' as kind,
        'invalid_{{ column }}' as reason,
        '{{ column }}' as column_name,
        example
    from feed_rows
    where nulled_columns like '%{{ column }} %'
    {%- endfor %}

),

final as (

    select
        provider,
        feed,
        kind,
        reason,
        column_name,
        min(example) as example,
        count(*) as row_count,
        load_date
    from kinds
    group by provider, feed, kind, reason, column_name, load_date

)

select * from final
