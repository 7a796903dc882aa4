{{ config(enabled=_reports('ad_spend') | length > 0) }}
with

reports as (

    {% for provider in _reports('ad_spend') -%}
    {{ _staged_spend_report(provider) }}
    {{ 'union all ' if not loop.last }}
    {%- endfor %}

)

-- an attribution provider's report has a line for users whom nobody brought
select * from reports
where
    spend <> 0
    or unparsable_columns is not null
    or channel is null
    or lower(channel) not in ('organic', 'unattributed')
