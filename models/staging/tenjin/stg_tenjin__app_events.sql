{{ config(enabled='tenjin' in var('providers')) }}
{%- set raw = raw_input('tenjin', 'events') -%}
{%- set unparsable -%}
    {{ unparsable_columns(
        raw, timestamps=['created_at', 'loaded_at', 'acquired_at'], decimals=['revenue']
    ) }}
{%- endset %}

with

raw_rows as (

    {{ raw_rows(
        raw, ids=['app_id', 'advertising_id', 'developer_device_id', 'source_campaign_id'],
        times=['created_at', 'loaded_at', 'acquired_at'], names=['event'], countries=['country']
    ) }}

),

final as (

    select
        ---------- ids: an event has no dependable id, so its content is its id
        'tenjin' as provider,
        cast(null as {{ dbt.type_string() }}) as event_id,
        {{ usable_id(raw_text(raw, 'app_id')) }} as app_id,
        {{ canonical_platform(raw_text(raw, 'platform')) }} as platform,
        coalesce(
            {{ usable_id(raw_text(raw, 'advertising_id')) }},
            {{ usable_id(raw_text(raw, 'developer_device_id')) }}
        ) as user_id,
        {{ raw_text(raw, 'advertising_id') }} as device_id,
        {{ raw_text(raw, 'developer_device_id') }} as customer_user_id,
        cast(null as {{ dbt.type_string() }}) as vendor_session_id,
        {{ raw_text(raw, 'source_campaign_id') }} as campaign_id,

        ---------- strings
        case
            when {{ raw_text(raw, 'event_type') }} = 'purchase' then 'purchase'
            else {{ raw_text(raw, 'event') }}
        end as event_name,
        cast(null as {{ dbt.type_string() }}) as event_kind,
        {{ raw_country(raw) }} as country,
        {{ raw_text(raw, 'app_version') }} as app_version,
        {{ raw_text(raw, 'os_version') }} as os_version,
        {{ raw_text(raw, 'device') }} as device_model,
        cast(null as {{ dbt.type_string() }}) as channel,
        'USD' as currency,
        cast(null as {{ dbt.type_string() }}) as left_out_reason,

        ---------- numerics: revenue comes in US cents, after the store's cut
        {{ as_decimal(raw_decimal(raw, 'revenue') ~ ' * ' ~ as_decimal("'0.01'", 3, 2), 18, 6) }} as revenue,
        {{ as_decimal('null', 18, 9) }} as ad_revenue_usd,
        {{ as_decimal('null', 18, 6) }} as duration_seconds,

        ---------- booleans
        cast(null as boolean) as is_activity,
        cast(null as boolean) as is_reengagement,

        ---------- timestamps
        {{ raw_timestamp(raw, 'created_at') }} as event_at,
        cast(null as {{ dbt.type_timestamp() }}) as received_at,
        {{ raw_loaded_at(raw) }} as loaded_at,
        {{ raw_timestamp(raw, 'acquired_at') }} as installed_at,

        ---------- where it comes from, and what did not fit, under the canonical names
        {{ raw_file_name(raw) }} as file_name,
        {{ _canonical_names(unparsable, {'created_at': 'event_at', 'acquired_at': 'installed_at'}) }} as unparsable_columns,
        case when {{ unparsable }} is not null then {{ row_as_json(raw) }} end as raw_row
    from raw_rows
    {{ join_countries(raw) }}

)

select * from final
