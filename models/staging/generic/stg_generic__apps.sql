{{ config(enabled='generic' in var('providers')) }}
{%- set raw = raw_input('generic', 'apps') -%}

with

raw_rows as (

    {{ raw_rows(raw, ids=['app_id']) }}

),

final as (

    select
        'generic' as provider,
        {{ usable_id(raw_text(raw, 'app_id')) }} as app_id,
        {{ canonical_platform(raw_text(raw, 'platform')) }} as platform,
        {{ raw_text(raw, 'app_name') }} as app_name,
        {{ raw_loaded_at(raw) }} as loaded_at,
        {{ raw_file_name(raw) }} as file_name,
        {{ unparsable_columns(raw) }} as unparsable_columns
    from raw_rows

)

select * from final
