{{ config(enabled='tenjin' in var('providers')) }}
{%- set raw = raw_input('tenjin', 'ad_networks') %}

with

raw_rows as (

    {{ raw_rows(raw, ids=['id']) }}

),

final as (

    select
        'tenjin' as provider,
        {{ raw_text(raw, 'id') }} as ad_network_id,
        {{ raw_text(raw, 'name') }} as ad_network,
        {{ raw_loaded_at(raw) }} as loaded_at,
        {{ raw_file_name(raw) }} as file_name,
        {{ unparsable_columns(raw) }} as unparsable_columns
    from raw_rows

)

select * from final
