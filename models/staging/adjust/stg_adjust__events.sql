{{ config(enabled='adjust' in var('providers')) }}
{%- set raw = raw_input('adjust', 'events') -%}
{%- set unparsable -%} {{ unparsable_columns(
    raw, timestamps=['created_at', 'received_at', 'installed_at', 'loaded_at'],
    decimals=['revenue_float', 'revenue_usd', 'reporting_revenue']
) }} {%- endset %}
{%- set of_device = "('install', 'session', 'event', 'ad_revenue')" %}
{%- set of_campaign = "('install', 'reinstall', 'reattribution', 'reattribution_reinstall')" %}

with

raw_rows as (

    {{ raw_rows(
        raw, ids=['app_token', 'app_id', 'adid', 'advertising_id', 'gps_adid', 'idfa', 'fire_adid', 'idfv', 'android_id', 'user_id'],
        times=['created_at', 'received_at', 'installed_at', 'loaded_at'], names=['event_name'], countries=['country']
    ) }}

),

known as (

    -- what the decisions below are made of; a network's id of the campaign stands in parentheses behind its name
    select
        *,
        lower({{ raw_text(raw, 'activity_kind') }}) as kind,
        {{ raw_boolean(raw, 'is_organic') }} as is_free,
        {{ raw_boolean(raw, 'is_imported') }} as is_history,
        {{ raw_boolean(raw, 'is_s2s') }} as is_of_server,
        {{ raw_text(raw, 'campaign_name') }} as campaign,
        {{ dbt.position("'('", 'reverse(' ~ raw_text(raw, 'campaign_name') ~ ')') }} as id_length,
        {{ raw_loaded_at(raw) }} as landed_at,
        {{ raw_timestamp(raw, 'received_at') }} as got_at,
        upper({{ raw_text(raw, 'currency') }}) as amount_currency,
        upper({{ raw_text(raw, 'reporting_currency') }}) as reported_currency,
        case
            when upper({{ raw_text(raw, 'reporting_currency') }}) = 'USD' and {{ raw_text(raw, 'reporting_revenue') }} is not null
                then {{ raw_decimal(raw, 'reporting_revenue', 9) }}
            when {{ raw_text(raw, 'revenue_usd') }} is not null then {{ raw_decimal(raw, 'revenue_usd', 9) }}
            when upper({{ raw_text(raw, 'currency') }}) = 'USD' then {{ raw_decimal(raw, 'revenue_float', 9) }}
        end as amount_usd,
        {{ raw_decimal(raw, 'revenue_float') }} as amount,
        {{ raw_decimal(raw, 'reporting_revenue') }} as reported_amount
    from raw_rows
    {{ computed_here() }}

),

campaigns as (

    select
        *,
        case when campaign like '%(%)' then substr(campaign, length(campaign) - id_length + 2, id_length - 2) end as text_in_parentheses,
        coalesce(amount_usd, amount, reported_amount) as any_amount
    from known
    {{ computed_here() }}

),

final as (

    select
        ---------- ids
        'adjust' as provider,
        case when {{ usable_id(raw_text(raw, 'nonce')) }} is not null then kind || ':' || {{ raw_text(raw, 'nonce') }} end as event_id,
        coalesce({{ usable_id(raw_text(raw, 'app_token')) }}, {{ usable_id(raw_text(raw, 'app_id')) }}) as app_id,
        case
            when {{ raw_text(raw, 'os_name') }} is not null then {{ canonical_platform(raw_text(raw, 'os_name')) }}
            when lower({{ raw_text(raw, 'store') }}) in ('itunes', 'apple') then 'ios'
            when lower({{ raw_text(raw, 'store') }}) in ('google', 'google_play') then 'android'
            when lower({{ raw_text(raw, 'store') }}) = 'amazon' then 'amazon'
            else 'other'
        end as platform,
        coalesce(
            {%- for column in ['adid', 'advertising_id', 'gps_adid', 'idfa', 'fire_adid', 'idfv', 'android_id', 'user_id'] %}
            {{ usable_id(raw_text(raw, column)) }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) as user_id,
        {{ raw_text(raw, 'adid') }} as device_id,
        {{ raw_text(raw, 'user_id') }} as customer_user_id,
        case
            when kind not in {{ of_campaign }} or is_free or lower({{ raw_text(raw, 'network_name') }}) = 'organic' then null
            when text_in_parentheses <> '' and translate(text_in_parentheses, '0123456789', '') = '' then text_in_parentheses
            else coalesce(campaign, case when {{ raw_text(raw, 'network_name') }} is not null then '(unattributed)' end)
        end as campaign_id,

        ---------- strings: the name is the customer's, the kind decides what the row is
        case when kind = 'event' then coalesce({{ raw_text(raw, 'event_name') }}, {{ raw_text(raw, 'event') }}, kind) else kind end
            as event_name,
        case
            when kind = 'event' and any_amount > 0 then 'purchase'
            when kind in ('event', 'subscription') and any_amount < 0 then 'refund'
            else kind
        end as event_kind,
        {{ raw_country(raw) }} as country,
        coalesce({{ raw_text(raw, 'app_version_short') }}, {{ raw_text(raw, 'app_version') }}) as app_version,
        {{ raw_text(raw, 'os_version') }} as os_version,
        {{ raw_text(raw, 'device_name') }} as device_model,
        case
            when kind in {{ of_campaign }} and not coalesce(is_free, false) and lower({{ raw_text(raw, 'network_name') }}) <> 'organic'
                then {{ raw_text(raw, 'network_name') }}
        end as channel,
        case
            when kind not in ('event', 'subscription') then null
            when amount_usd is not null then 'USD'
            when amount is not null then amount_currency
            when reported_amount is not null then reported_currency
        end as currency,
        case
            when lower({{ raw_text(raw, 'environment') }}) <> 'production' then 'sandbox'
            when is_history and kind <> 'install' then 'imported'
        end as left_out_reason,

        ---------- numerics; time_spent is a part of a session, last_time_spent is another one's: neither is the row's duration
        {{ as_decimal("case when kind in ('event', 'subscription') then any_amount end", 18, 6) }} as revenue,
        {{ as_decimal("case when kind = 'ad_revenue' then amount_usd end", 18, 9) }} as ad_revenue_usd,

        ---------- booleans
        case
            when kind = 'event' and is_of_server then false
            when kind = 'ad_revenue' and {{ raw_decimal(raw, 'ad_impressions_count') }} > 1 then false
        end as is_activity,
        case when kind in ('reattribution', 'reattribution_reinstall') then true end as is_reengagement,

        ---------- timestamps
        {{ raw_timestamp(raw, 'created_at') }} as event_at,
        got_at as received_at,
        case when landed_at is null or got_at > landed_at then got_at else landed_at end as loaded_at,
        case when kind in {{ of_device }} then {{ raw_timestamp(raw, 'installed_at') }} end as installed_at,

        ---------- what it has not
        {{ other_event_columns([
            'provider', 'event_id', 'app_id', 'platform', 'user_id', 'device_id', 'customer_user_id', 'campaign_id', 'event_name',
            'event_kind', 'country', 'app_version', 'os_version', 'device_model', 'channel', 'currency', 'left_out_reason',
            'revenue', 'ad_revenue_usd', 'is_activity', 'is_reengagement', 'event_at', 'received_at', 'loaded_at', 'installed_at',
            'file_name', 'unparsable_columns', 'raw_row'
        ]) }},

        ---------- where it comes from, and what did not fit, under the canonical names
        {{ raw_file_name(raw) }} as file_name,
        {{ _canonical_names(unparsable, {
            'created_at': 'event_at', 'revenue_float': 'revenue', 'revenue_usd': 'revenue', 'reporting_revenue': 'revenue'
        }) }} as unparsable_columns,
        case when {{ unparsable }} is not null then {{ row_as_json(raw) }} end as raw_row
    from campaigns
    {{ join_countries(raw) }}

)

select * from final
