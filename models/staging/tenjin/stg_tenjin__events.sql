{{ config(enabled='tenjin' in var('providers')) }}

select {{ _event_columns() | join(', ') }} from {{ ref('stg_tenjin__app_events') }}
union all
select {{ _event_columns() | join(', ') }} from {{ ref('stg_tenjin__ad_impressions') }}
