{{ config(enabled='appsflyer' in var('providers')) }}
{%- set raw = raw_input('appsflyer', 'events') -%}
{%- set unparsable -%}
    {{ unparsable_columns(
        raw, timestamps=['event_time', 'install_time', 'loaded_at'], decimals=['event_revenue', 'event_revenue_usd']
    ) }}
{%- endset %}
{%- set conversions = "('re-engagement', 're-attribution')" %}
{%- set told_by_name = [
    'install', 'reinstall', 're-engagement', 're-attribution', 'launch', 'af_app_opened', 'uninstall', 'af_purchase', 'purchase',
    'refund'
] %}
{%- set identity = [
    'app_id', 'appsflyer_id', 'advertising_id', 'idfa', 'idfv', 'event_name', 'event_time', 'event_value', 'event_revenue',
    'event_source', 'monetization_network', 'ad_unit', 'placement'
] %}

with

raw_rows as (

    {{ raw_rows(
        raw, ids=['app_id', 'appsflyer_id', 'advertising_id', 'idfa', 'idfv', 'amazon_aid', 'customer_user_id', 'af_c_id'],
        times=['event_time', 'install_time', 'loaded_at'], names=['event_name'], countries=['country']
    ) }}

),

known as (

    -- what the decisions below are made of
    select
        *,
        {{ raw_text(raw, 'event_name') }} in ('af_ad_revenue', 'ad_revenue')
        -- of a report of another kind in this folder, each row stays what it is
        or (
            coalesce({{ raw_text(raw, 't') }}, '') like '%ad_revenue%'
            and {{ raw_text(raw, 'event_name') }} not in {{ _in_list(told_by_name) }}
        ) as is_ad_revenue,
        {{ raw_boolean(raw, 'is_primary_attribution') }} as is_primary,
        {{ raw_boolean(raw, 'is_retargeting') }} as is_of_retargeting,
        {{ raw_decimal(raw, 'event_revenue') }} as amount,
        {{ raw_decimal(raw, 'event_revenue_usd', 9) }} as amount_usd,
        upper({{ raw_text(raw, 'event_revenue_currency') }}) as amount_currency,
        nullif({{ raw_text(raw, 'media_source') }}, 'organic') as network
    from raw_rows
    {{ computed_here() }}

),

final as (

    select
        ---------- ids: an event has none, so what tells it from others is its id, whatever it is attributed to
        'appsflyer' as provider,
        {%- set texts = [] %}
        {%- for column in identity %}{% do texts.append("coalesce(" ~ raw_text(raw, column) ~ ", '')") %}{% endfor %}
        case when {{ raw_text(raw, 'event_time') }} is not null then {{ dbt.hash(texts | join(' || chr(31) || ')) }} end
            as event_id,
        {{ usable_id(raw_text(raw, 'app_id')) }} as app_id,
        {{ canonical_platform(raw_text(raw, 'platform')) }} as platform,
        coalesce(
            {%- for column in ['appsflyer_id', 'advertising_id', 'idfa', 'amazon_aid', 'idfv', 'customer_user_id'] %}
            {{ usable_id(raw_text(raw, column)) }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) as user_id,
        {{ raw_text(raw, 'appsflyer_id') }} as device_id,
        {{ raw_text(raw, 'customer_user_id') }} as customer_user_id,
        -- a paid install whose network names no campaign is not organic
        case
            when {{ raw_text(raw, 'event_name') }} in ('install', 'reinstall', 're-engagement', 're-attribution')
                then coalesce(
                    {{ raw_text(raw, 'af_c_id') }}, {{ raw_text(raw, 'campaign') }},
                    case when network is not null then '(unattributed)' end
                )
        end as campaign_id,

        ---------- strings
        {{ raw_text(raw, 'event_name') }} as event_name,
        -- revenue is a purchase, whatever the event is called
        case
            when is_ad_revenue then 'af_ad_revenue'
            when coalesce(amount, amount_usd) > 0 then 'purchase'
            when coalesce(amount, amount_usd) < 0 then 'refund'
        end as event_kind,
        {{ raw_country(raw) }} as country,
        {{ raw_text(raw, 'app_version') }} as app_version,
        {{ raw_text(raw, 'os_version') }} as os_version,
        coalesce({{ raw_text(raw, 'device_model') }}, {{ raw_text(raw, 'device_type') }}) as device_model,
        case
            when {{ raw_text(raw, 'event_name') }} in ('install', 'reinstall', 're-engagement', 're-attribution') then network
        end as channel,
        -- AppsFlyer's dollars first; a currency stands on every row, with or without revenue
        case
            when is_ad_revenue then null
            when amount_usd is not null then 'USD'
            when amount is not null then amount_currency
        end as currency,
        case
            when not is_primary then 'not_primary_attribution'
            when {{ raw_text(raw, 'blocked_reason') }} is not null then 'blocked'
        end as left_out_reason,

        ---------- numerics
        {{ as_decimal('case when not is_ad_revenue then coalesce(amount_usd, amount) end', 18, 6) }} as revenue,
        case
            when is_ad_revenue and amount_usd is not null then amount_usd
            when is_ad_revenue and amount_currency = 'USD' then {{ raw_decimal(raw, 'event_revenue', 9) }}
        end as ad_revenue_usd,

        ---------- booleans: a server's rows, and a day's ads in one row, are nobody's activity at that time
        case
            when upper({{ raw_text(raw, 'event_source') }}) = 'S2S' then false
            when is_ad_revenue and {{ raw_decimal(raw, 'impressions') }} > 1 then false
        end as is_activity,
        case when {{ raw_text(raw, 'event_name') }} in {{ conversions }} then true end as is_reengagement,

        ---------- timestamps: in reports of retargeting the install time is the conversion's
        {{ raw_timestamp(raw, 'event_time') }} as event_at,
        {{ raw_loaded_at(raw) }} as loaded_at,
        case
            when coalesce(is_of_retargeting, {{ raw_text(raw, 'retargeting_conversion_type') }} is not null) then null
            when {{ raw_text(raw, 'event_name') }} in {{ conversions }} then null
            else {{ raw_timestamp(raw, 'install_time') }}
        end as installed_at,

        ---------- what it has not
        {{ other_event_columns([
            'provider', 'event_id', 'app_id', 'platform', 'user_id', 'device_id', 'customer_user_id', 'campaign_id', 'event_name',
            'event_kind', 'country', 'app_version', 'os_version', 'device_model', 'channel', 'currency', 'left_out_reason',
            'revenue', 'ad_revenue_usd', 'is_activity', 'is_reengagement', 'event_at', 'loaded_at', 'installed_at', 'file_name',
            'unparsable_columns', 'raw_row'
        ]) }},

        ---------- where it comes from, and what did not fit, under the canonical names
        {{ raw_file_name(raw) }} as file_name,
        {{ _canonical_names(unparsable, {
            'event_time': 'event_at', 'install_time': 'installed_at', 'event_revenue_usd': 'revenue', 'event_revenue': 'revenue'
        }) }} as unparsable_columns,
        case when {{ unparsable }} is not null then {{ row_as_json(raw) }} end as raw_row
    from known
    {{ join_countries(raw) }}

)

select * from final
