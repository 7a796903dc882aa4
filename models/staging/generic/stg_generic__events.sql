{{ config(enabled='generic' in var('providers')) }}
{%- set raw = raw_input('generic', 'events') -%}
{%- set times = ['event_at', 'received_at', 'loaded_at', 'installed_at'] -%}
{%- set unparsable -%}
    {{ unparsable_columns(
        raw, timestamps=times, decimals=['revenue', 'ad_revenue_usd', 'duration_seconds'],
        booleans=['is_activity', 'is_reengagement']
    ) }}
{%- endset %}

with

raw_rows as (

    {{ raw_rows(
        raw, ids=['event_id', 'app_id', 'device_id', 'customer_user_id', 'vendor_session_id', 'campaign_id'],
        times=times, names=['event_name'], countries=['country']
    ) }}

),

final as (

    select
        ---------- ids
        'generic' as provider,
        {{ usable_id(raw_text(raw, 'event_id')) }} as event_id,
        {{ usable_id(raw_text(raw, 'app_id')) }} as app_id,
        {{ canonical_platform(raw_text(raw, 'platform')) }} as platform,
        coalesce(
            {{ usable_id(raw_text(raw, 'device_id')) }},
            {{ usable_id(raw_text(raw, 'customer_user_id')) }}
        ) as user_id,
        {{ raw_text(raw, 'device_id') }} as device_id,
        {{ raw_text(raw, 'customer_user_id') }} as customer_user_id,
        {{ usable_id(raw_text(raw, 'vendor_session_id')) }} as vendor_session_id,
        {{ raw_text(raw, 'campaign_id') }} as campaign_id,

        ---------- strings
        {{ raw_text(raw, 'event_name') }} as event_name,
        cast(null as {{ dbt.type_string() }}) as event_kind,
        {{ raw_country(raw) }} as country,
        {{ raw_text(raw, 'app_version') }} as app_version,
        {{ raw_text(raw, 'os_version') }} as os_version,
        {{ raw_text(raw, 'device_model') }} as device_model,
        {{ raw_text(raw, 'channel') }} as channel,
        upper({{ raw_text(raw, 'currency') }}) as currency,
        cast(null as {{ dbt.type_string() }}) as left_out_reason,

        ---------- numerics
        {{ raw_decimal(raw, 'revenue') }} as revenue,
        {{ raw_decimal(raw, 'ad_revenue_usd', 9) }} as ad_revenue_usd,
        {{ raw_decimal(raw, 'duration_seconds') }} as duration_seconds,

        ---------- booleans
        {{ raw_boolean(raw, 'is_activity') }} as is_activity,
        {{ raw_boolean(raw, 'is_reengagement') }} as is_reengagement,

        ---------- timestamps
        {{ raw_timestamp(raw, 'event_at') }} as event_at,
        {{ raw_timestamp(raw, 'received_at') }} as received_at,
        {{ raw_loaded_at(raw) }} as loaded_at,
        {{ raw_timestamp(raw, 'installed_at') }} as installed_at,

        ---------- where it comes from, and what did not fit
        {{ raw_file_name(raw) }} as file_name,
        {{ unparsable }} as unparsable_columns,
        case when {{ unparsable }} is not null then {{ row_as_json(raw) }} end as raw_row
    from raw_rows
    {{ join_countries(raw) }}

)

select * from final
