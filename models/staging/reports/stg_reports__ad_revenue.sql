{{ config(enabled=_reports('ad_revenue') | length > 0) }}
{%- for provider in _reports('ad_revenue') %}
{%- set raw = raw_input(provider, 'ad_revenue') -%}
{%- set unparsable -%}
    {{ unparsable_columns(
        raw, dates=['revenue_date'], timestamps=['updated_at', 'loaded_at'], decimals=['revenue', 'impressions']
    ) }}
{%- endset %}
select
    ---------- ids
    '{{ provider }}' as provider,
    {{ usable_id(raw_text(raw, 'app_id')) }} as app_id,
    case
        when lower({{ raw_text(raw, 'platform') }}) in ('fireos', 'fire os') then 'amazon'
        else {{ canonical_platform(raw_text(raw, 'platform')) }}
    end as platform,

    ---------- strings
    {{ raw_country(raw) }} as country,
    {{ raw_text(raw, 'ad_network') }} as ad_network,
    'USD' as currency,

    ---------- numerics
    {{ raw_decimal(raw, 'revenue') }} as revenue,
    {{ raw_decimal(raw, 'impressions') }} as impressions,

    ---------- dates and timestamps
    {{ raw_date(raw, 'revenue_date') }} as revenue_date,
    {{ raw_timestamp(raw, 'updated_at') }} as updated_at,
    {{ raw_loaded_at(raw) }} as loaded_at,
    {{ raw_file_name(raw) }} as file_name,

    ---------- what did not fit
    {{ unparsable }} as unparsable_columns
from (
    {{ raw_rows(raw, ids=['app_id'], times=['updated_at', 'loaded_at'], countries=['country']) }}
) as raw_rows
{{ join_countries(raw) }}
{{ 'union all' if not loop.last }}
{%- endfor %}
