{{ config(enabled=_reports('ad_revenue') | length > 0) }}
{%- for provider in _reports('ad_revenue') %}
{%- set is_of_users = provider == 'applovin_max_users' %}
{%- set raw = raw_input(provider, 'ad_revenue') -%}
{%- set unparsable -%}
    {{ unparsable_columns(
        raw, dates=['revenue_date'], timestamps=['updated_at', 'loaded_at'], decimals=['revenue', 'impressions']
    ) }}
{%- endset %}
{%- set rows_of_report %}
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
    {% if is_of_users -%}
    -- before 2022 what was not known was -1, since then 0
    case when {{ raw_decimal(raw, 'revenue', 9) }} = -1 then 0 else {{ raw_decimal(raw, 'revenue', 9) }} end as revenue,
    coalesce({{ raw_decimal(raw, 'impressions') }}, 1) as impressions,
    {%- else -%}
    {{ raw_decimal(raw, 'revenue') }} as revenue,
    {{ raw_decimal(raw, 'impressions') }} as impressions,
    {%- endif %}

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
{%- endset %}
{{- _rows_with_carried_digits(rows_of_report) if is_of_users else rows_of_report }}
{{ 'union all' if not loop.last }}
{%- endfor %}
