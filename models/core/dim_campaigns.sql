{{ config(post_hook="{{ record_state() }}") }}

with

listed as (

    {% for provider in var('providers') if provider == 'tenjin' -%}
    select
        provider, app_id, campaign_id, campaign_bucket_id, campaign_name, channel, is_organic, updated_at,
        1 as trust
    from {{ ref('stg_' ~ provider ~ '__campaigns') }}
    where campaign_id is not null
    union all
    {% endfor -%}
    select
        provider, app_id, campaign_id,
        cast(null as {{ dbt.type_string() }}) as campaign_bucket_id,
        campaign_name, channel,
        false as is_organic,
        coalesce(updated_at, cast(spend_date as {{ dbt.type_timestamp() }})) as updated_at,
        2 as trust
    from {{ ref('fct_ad_spend') }}
    union all
    select
        cast(null as {{ dbt.type_string() }}) as provider,
        app_id, campaign_id,
        cast(null as {{ dbt.type_string() }}) as campaign_bucket_id,
        cast(null as {{ dbt.type_string() }}) as campaign_name,
        channel,
        false as is_organic,
        installed_at as updated_at,
        3 as trust
    from {{ ref('fct_installs') }}
    where campaign_id is not null
    union all
    select
        cast(null as {{ dbt.type_string() }}) as provider,
        app_id,
        reengagement_campaign_id as campaign_id,
        cast(null as {{ dbt.type_string() }}) as campaign_bucket_id,
        cast(null as {{ dbt.type_string() }}) as campaign_name,
        cast(null as {{ dbt.type_string() }}) as channel,
        false as is_organic,
        max(started_at) as updated_at,
        4 as trust
    from {{ ref('fct_sessions') }}
    where reengagement_campaign_id is not null
    group by app_id, reengagement_campaign_id

),

ranked as (

    -- the provider's list first, then the newest row of the spend feed that has a name
    select
        *,
        row_number() over (
            partition by app_id, campaign_id
            order by
                trust asc,
                case when campaign_name is null then 1 else 0 end asc,
                updated_at desc nulls last, campaign_name asc, channel asc nulls last
        ) as place,
        min(trust) over (partition by app_id, campaign_id) as best_trust,
        max(channel) over (partition by app_id, campaign_id) as any_channel
    from listed
    where campaign_id is not null

),

final as (

    select
        app_id || ':' || campaign_id as campaign_key,
        app_id,
        campaign_id,
        coalesce(campaign_bucket_id, campaign_id) as campaign_group_id,
        coalesce(campaign_name, campaign_id) as campaign_name,
        coalesce(channel, any_channel, '(unknown)') as channel,
        is_organic,
        best_trust < 3 and campaign_id <> '(unattributed)' as is_known
    from ranked
    where place = 1

)

select * from final
