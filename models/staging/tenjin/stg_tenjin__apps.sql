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
        {{ raw_text(raw, 'name') }} as app_name,
        {{ raw_loaded_at(raw) }} as loaded_at,
        {{ raw_file_name(raw) }} as file_name,
        {{ unparsable_columns(raw) }} as unparsable_columns
    from raw_rows

)

select * from final
