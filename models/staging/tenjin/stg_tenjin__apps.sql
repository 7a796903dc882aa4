{{ config(enabled='tenjin' in var('providers')) }}
{%- set raw = raw_input('tenjin', 'apps') %}

with

raw_rows as (

    {{ raw_rows(raw, ids=['id']) }}

),

final as (

    select
        'tenjin' as provider,
        {{ usable_id(raw_text(raw, 'id')) }} as app_id,
        {{ canonical_platform(raw_text(raw, 'platform')) }} as platform,
        {{ raw_text(raw, 'name') }} as app_name
    from raw_rows

)

select * from final
