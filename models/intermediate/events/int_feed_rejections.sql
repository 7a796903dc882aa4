{{ config(meta={'reads_raw': false}) }}
with

feed_rows as (

    select * from {{ ref('int_feed_rows') }}

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
    {%- for column in ['updated_at'] + _ad_feed_columns('ad_spend').counts %}
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
