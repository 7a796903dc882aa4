{{ config(enabled=_reports('ad_spend') | length > 0) }}
{%- for provider in _reports('ad_spend') %}
{{ _staged_spend_report(provider) }}
{{ 'union all ' if not loop.last }}
{%- endfor %}
