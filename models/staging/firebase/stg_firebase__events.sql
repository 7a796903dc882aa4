{{ config(enabled='firebase' in var('providers')) }}
{%- set raw = _ga4_rows(raw_input('firebase', 'events')) -%}
{%- set unparsable -%}
    {{ unparsable_columns(raw, timestamps=['loaded_at'], decimals=['event_value_in_usd', 'engagement_time_msec', 'value']) }}
{%- endset -%}
{%- set money = "replace(coalesce(" ~ unparsable ~ ", ''), 'event_value_in_usd ', 'value ')" %}

with

raw_rows as (

    {{ raw_rows(
        raw, ids=['app_id', 'stream_id', 'device_id', 'customer_user_id', 'ga_session_id', 'google_campaign_id', 'clicked_campaign_id'],
        times=['loaded_at'], names=['event_name'], countries=['country']
    ) }}

),

typed as (

    select
        raw_rows.*,
        {{ raw_country(raw) }} as country_code,
        {{ raw_decimal(raw, 'event_value_in_usd', 9) }} as value_in_usd,
        {{ raw_decimal(raw, 'value', 9) }} as value_amount,
        -- the value of an in_app_purchase comes in millionths
        {{ raw_decimal(raw, 'value', 0) }} as value_millionths,
        {{ raw_decimal(raw, 'engagement_time_msec', 3) }} as engagement_msec,
        upper({{ raw_text(raw, 'currency') }}) as value_currency,
        {{ raw_loaded_at(raw) }} as landed_at,
        {{ money }} as unread_columns,
        event_name in {{ _in_list(_ga4_sales()) }} as is_sale,
        -- the first source of a user, by names: ids are there only where Google Ads is linked. Organic is no campaign
        case
            when
                event_name in ('first_open', 'first_visit')
                and coalesce(first_medium, '') <> 'organic'
                and first_campaign not like '(%'
                then first_campaign
        end as paid_campaign
    from raw_rows
    {{ join_countries(raw) }}

),

noted as (

    select
        typed.*,
        nullif(
            replace(
                replace(unread_columns, 'engagement_time_msec ', 'duration_seconds '),
                'value ', case when is_sale then 'revenue ' else 'ad_revenue_usd ' end
            )
            {%- if 'event_at' in raw.columns %}
            || case when event_timestamp is not null and event_at is null then 'event_at ' else '' end
            {%- endif %}
            -- an amount in another currency, which the export has not converted
            || case
                when event_name = 'ad_impression' and value_in_usd is null and value_amount is not null and value_currency <> 'USD'
                    then 'ad_revenue_usd '
                else ''
            end, ''
        ) as unparsable_columns
    from typed

),

final as (

    select
        ---------- ids: the user is the app's instance, never the customer
        'firebase' as provider,
        {{ raw_text(raw, 'event_id') }} as event_id,
        coalesce({{ usable_id('app_id') }}, {{ usable_id('stream_id') }}) as app_id,
        {{ canonical_platform('platform') }} as platform,
        {{ usable_id('device_id') }} as user_id,
        device_id,
        customer_user_id,
        {{ usable_id('ga_session_id') }} as vendor_session_id,
        coalesce(
            clicked_campaign_id,
            case when google_click_id is not null or paid_campaign is not null then google_campaign_id end,
            paid_campaign
        ) as campaign_id,

        ---------- strings
        event_name,
        cast(null as {{ dbt.type_string() }}) as event_kind,
        country_code as country,
        app_version,
        os_version,
        device_model,
        case
            when clicked_campaign_id is not null then clicked_source
            when paid_campaign is not null then first_source
            when google_click_id is not null and google_campaign_id is not null then 'google'
        end as channel,
        case when is_sale and value_in_usd is not null then 'USD' when is_sale then value_currency end as currency,
        {% if '_table_date' in raw.columns -%}
        -- nothing is taken that is older than 72 hours: the clock is wrong
        case when event_at < {{ plus_seconds('_table_date', -4 * 86400) }} then 'clock_before_export' end as left_out_reason,
        {%- else -%}
        cast(null as {{ dbt.type_string() }}) as left_out_reason,
        {%- endif %}

        ---------- numerics
        {{ as_decimal(
            "case when not is_sale then null when value_in_usd is not null then value_in_usd when event_name = 'in_app_purchase' then "
            ~ 'value_millionths * ' ~ as_decimal("'0.000001'", 7, 6) ~ ' else value_amount end', 18, 6
        ) }} as revenue,
        {{ as_decimal(
            "case when event_name <> 'ad_impression' then null when value_in_usd is not null then value_in_usd "
            ~ "when coalesce(value_currency, 'USD') = 'USD' then value_amount end", 18, 9
        ) }} as ad_revenue_usd,
        {{ as_decimal('engagement_msec * ' ~ as_decimal("'0.001'", 4, 3), 18, 6) }} as duration_seconds,

        ---------- booleans
        cast(null as boolean) as is_activity,
        cast(null as boolean) as is_reengagement,

        ---------- timestamps
        {{ 'event_at' if 'event_at' in raw.columns else 'cast(null as ' ~ dbt.type_timestamp() ~ ')' }} as event_at,
        cast(null as {{ dbt.type_timestamp() }}) as received_at,
        landed_at as loaded_at,
        cast(null as {{ dbt.type_timestamp() }}) as installed_at,

        ---------- where it comes from, and what did not fit
        {{ raw_file_name(raw) }} as file_name,
        unparsable_columns,
        case when unparsable_columns is not null then {{ row_as_json(raw) }} end as raw_row
    from noted

)

select * from final
