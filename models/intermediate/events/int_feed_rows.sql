{#- what it reads is looked at by itself, for the facts -#}
{{ config(meta={'reads_raw': false}) }}
{%- set feeds = {'ad_spend': _ad_feed_columns('ad_spend'), 'ad_revenue': _ad_feed_columns('ad_revenue')} -%}
{%- set text = dbt.type_string() -%}
{%- for feed, columns in feeds.items() %}
select
    provider,
    cast('{{ feed }}' as {{ text }}) as feed,
    rejection_reason,
    {{ _refused_column('rejection_reason', columns) }} as refused_column_name,
    nulled_columns,
    country,
    coalesce(cast({{ columns.date }} as {{ text }}), 'no date')
    {%- for column in columns.key[2:] %}
    || coalesce(', ' || {{ column }}, '')
    {%- endfor %}
    || coalesce(', file ' || file_name, '') as example,
    is_superseded,
    coalesce(cast(loaded_at as date), cast(updated_at as date), {{ columns.date }}) as load_date,
    loaded_at
from {{ ref('int_' ~ feed) }}
{{ 'union all ' if not loop.last }}
{%- endfor %}
{#- lists: a row is refused if it does not say of what it is #}
{%- for feed, list in _lists().items() %}
{%- set id = list.id %}
{%- for provider in _providers_with(feed) %}
union all
select
    provider,
    cast('{{ feed }}' as {{ text }}) as feed,
    case
        when unparsable_columns like '%whole_line %' then 'unreadable_line'
        when {{ id }} is null then 'missing_{{ id }}'
    end as rejection_reason,
    case when {{ id }} is null and coalesce(unparsable_columns, '') not like '%whole_line %' then '{{ id }}' end
        as refused_column_name,
    unparsable_columns as nulled_columns,
    cast(null as {{ text }}) as country,
    coalesce({{ id }}, 'no id') || coalesce(', file ' || file_name, '') as example,
    false as is_superseded,
    cast(loaded_at as date) as load_date,
    loaded_at
from {{ ref('stg_' ~ provider ~ '__' ~ feed) }}
{%- endfor %}
{%- endfor %}
