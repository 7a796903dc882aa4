{#- The one name of an ad network by seeds/channel_mapping.csv, of a name as it is written; one that has no row stays. -#}
{% macro unified_channel(channel) -%}
    coalesce(channels_of_provider.channel, channels_of_any.channel, {{ channel }})
{%- endmacro %}

{#- The joins of seeds/channel_mapping.csv that `unified_channel` needs. -#}
{% macro join_channel_names(provider, channel) -%}
    left join ({{ _channel_names() }}) as channels_of_provider
        on lower({{ channel }}) = channels_of_provider.channel_name and {{ provider }} = channels_of_provider.provider
    left join ({{ _channel_names() }}) as channels_of_any
        on lower({{ channel }}) = channels_of_any.channel_name and channels_of_any.provider = ''
{%- endmacro %}

{#- One row per provider ('': any) and name in small letters; what others are brought to is a name, too, unless a row says otherwise. -#}
{% macro _channel_names() -%}
        select provider, channel_name, min(channel) as channel
        from (
            select
                coalesce(trim(provider), '') as provider,
                lower(trim(channel_name)) as channel_name,
                trim(channel) as channel
            from {{ ref('channel_mapping') }}
            union all
            select '' as provider, lower(trim(channel)) as channel_name, trim(channel) as channel
            from {{ ref('channel_mapping') }}
            where lower(trim(channel)) not in (
                select lower(trim(named.channel_name))
                from {{ ref('channel_mapping') }} as named
                where coalesce(trim(named.provider), '') = '' and named.channel_name is not null
            )
        ) as all_names
        group by provider, channel_name
{%- endmacro %}
