{{ config(post_hook="{{ record_state() }}", **table_layout(date='spend_date', keys=['app_id', 'campaign_id'])) }}
{%- do one_snapshot() %}
with

spend as (

    select *
    from {{ ref('int_ad_spend') }}
    where rejection_reason is null

),

latest as (

    -- a restated day replaces the old one; at one updated_at the greater amount
    select
        *,
        row_number() over (
            partition by
                provider, spend_date, app_id, platform, channel, campaign_id, country,
                case when campaign_id = '(unattributed)' then campaign_name end
            order by
                updated_at desc nulls last,
                spend desc, impressions desc nulls last, clicks desc nulls last,
                reported_installs desc nulls last, campaign_name asc nulls last
        ) as version_number
    from spend

),

final as (

    select
        ---------- ids
        {%- set id_text %}
            provider || '|' || cast(spend_date as {{ dbt.type_string() }}) || '|' || app_id || '|' || platform
            || '|' || coalesce(channel, '') || '|' || campaign_id || '|' || coalesce(country, '')
            || '|' || case when campaign_id = '(unattributed)' then coalesce(campaign_name, '') else '' end
        {%- endset %}
        {{ dbt.hash(id_text) }} as ad_spend_id,
        provider,
        app_id,
        platform,
        campaign_id,

        ---------- strings
        campaign_name,
        channel,
        country,
        currency,

        ---------- numerics
        spend,
        spend_usd,
        impressions,
        clicks,
        reported_installs,

        ---------- dates and timestamps
        spend_date,
        updated_at
    from latest
    where version_number = 1

)

select * from final
