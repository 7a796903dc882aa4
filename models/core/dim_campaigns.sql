{%- set null_text = 'cast(null as ' ~ dbt.type_string() ~ ')' %}
{%- set listing = _providers_with('campaigns') %}

with

named as (

    -- who names a campaign, the most trusted first
    select
        app_id, platform, campaign_id, channel, campaign_name,
        coalesce(updated_at, cast(spend_date as {{ dbt.type_timestamp() }})) as named_at,
        2 as trust
    from {{ ref('fct_ad_spend') }}
    union all
    select
        app_id, platform, campaign_id, channel,
        {{ null_text }} as campaign_name,
        max(installed_at) as named_at,
        3 as trust
    from {{ ref('fct_installs') }}
    where campaign_id is not null
    group by app_id, platform, campaign_id, channel
    union all
    select
        app_id, platform,
        reengagement_campaign_id as campaign_id, {{ null_text }} as channel, {{ null_text }} as campaign_name,
        max(started_at) as named_at,
        4 as trust
    from {{ ref('fct_sessions') }}
    where reengagement_campaign_id is not null
    group by app_id, platform, reengagement_campaign_id

),

{% if listing -%}
{% for provider in listing -%}
{{ provider }}_apps as (

    {{ newest_rows(provider, 'apps') }}

),

{% endfor -%}
listed as (

    {% for provider in listing -%}
    select
        campaigns.app_id, campaigns.campaign_id, campaigns.campaign_bucket_id, campaigns.campaign_name,
        {{ unified_channel('campaigns.channel') }} as channel,
        campaigns.is_organic, campaigns.updated_at, coalesce(apps.platform, 'other') as platform
    from ({{ newest_rows(provider, 'campaigns') }}) as campaigns
    left join {{ provider }}_apps as apps
        on campaigns.app_id = apps.app_id
    {{ join_channel_names('campaigns.provider', 'campaigns.channel') }}
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

),

listed_platforms as (

    -- a list has no platform: its app's, and those on which anybody names the campaign
    select distinct app_id, platform, campaign_id
    from (
        select app_id, platform, campaign_id
        from named
        union all
        select app_id, platform, campaign_id
        from listed
    ) as namings

),

{% endif -%}
candidates as (

    select
        app_id, platform, campaign_id, channel, campaign_name,
        {{ null_text }} as campaign_group_id,
        false as is_organic,
        named_at,
        trust
    from named
    {%- if listing %}
    union all
    select distinct
        listed.app_id, listed_platforms.platform, listed.campaign_id, listed.channel, listed.campaign_name,
        listed.campaign_bucket_id as campaign_group_id,
        coalesce(listed.is_organic, false) as is_organic,
        listed.updated_at as named_at,
        1 as trust
    from listed
    inner join listed_platforms
        on listed.app_id = listed_platforms.app_id and listed.campaign_id = listed_platforms.campaign_id
    {%- endif %}

),

with_default_channels as (

    -- where no channel is named, the campaign id's only one, if there is one
    {%- set of_campaign_id = 'over (partition by app_id, platform, campaign_id)' %}
    select
        *,
        case
            when campaign_id <> '(unattributed)' and min(channel) {{ of_campaign_id }} = max(channel) {{ of_campaign_id }}
                then min(channel) {{ of_campaign_id }}
            else '(unknown)'
        end as default_channel
    from candidates

),

ranked as (

    -- the provider's list first, then the newest row of the spend feed that has a name
    select
        app_id, platform, campaign_id, campaign_group_id, campaign_name,
        coalesce(channel, default_channel) as channel,
        default_channel, is_organic, trust,
        row_number() over (
            partition by app_id, platform, campaign_id, coalesce(channel, default_channel)
            order by
                trust asc,
                case when campaign_name is null then 1 else 0 end asc,
                named_at desc nulls last, campaign_name asc
        ) as rank_number
    from with_default_channels

),

final as (

    select
        {{ mart_key(['app_id', 'platform', 'channel', 'campaign_id']) }} as campaign_key,
        app_id,
        platform,
        channel,
        campaign_id,
        coalesce(campaign_group_id, campaign_id) as campaign_group_id,
        coalesce(campaign_name, campaign_id) as campaign_name,
        is_organic,
        trust < 3 and campaign_id <> '(unattributed)' as is_known,
        channel = default_channel as is_default_channel
    from ranked
    where rank_number = 1

)

select * from final
