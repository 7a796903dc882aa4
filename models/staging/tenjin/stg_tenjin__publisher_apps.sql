{{ config(enabled='tenjin' in var('providers')) }}
{%- set raw = raw_input('tenjin', 'publisher_apps') %}

with

raw_rows as (

    {{ raw_rows(raw, ids=['id', 'app_id', 'ad_network_id']) }}

),

final as (

    select
        'tenjin' as provider,
        {{ raw_text(raw, 'id') }} as publisher_app_id,
        {{ raw_text(raw, 'app_id') }} as app_id,
        {{ raw_text(raw, 'ad_network_id') }} as ad_network_id,
        {{ raw_loaded_at(raw) }} as loaded_at,
        {{ raw_file_name(raw) }} as file_name,
        {{ unparsable_columns(raw) }} as unparsable_columns
    from raw_rows

)

select * from final
