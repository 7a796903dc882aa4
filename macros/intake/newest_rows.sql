{#-
    Lists: what a row is of, and what decides which row of it is the newest, times first, then texts, the greatest by its bytes:
    enough of them that no order of rows can change what is taken.
-#}
{% macro _lists() %}
    {{ return({
        'apps': {'id': 'app_id', 'times': ['loaded_at'], 'texts': ['file_name', 'platform']},
        'campaigns': {
            'id': 'campaign_id', 'times': ['updated_at', 'loaded_at'], 'texts': ['file_name', 'campaign_name', 'app_id', 'channel']
        },
        'ad_networks': {'id': 'ad_network_id', 'times': ['loaded_at'], 'texts': ['file_name', 'ad_network']},
        'publisher_apps': {
            'id': 'publisher_app_id', 'times': ['loaded_at'], 'texts': ['file_name', 'app_id', 'ad_network_id']
        }
    }) }}
{% endmacro %}

{#- A query of the newest row of each id of a provider's list: exports of a list are whole each time. -#}
{% macro newest_rows(provider, feed) -%}
    {%- set list = _lists()[feed] -%}
    {%- set order = [] -%}
    {%- for time in list.times -%}
        {%- do order.append("coalesce(" ~ time ~ ", " ~ _timestamp('1900-01-01 00:00:00') ~ ") desc") -%}
    {%- endfor -%}
    {%- for text in list.texts -%}{%- do order.append(binary_text("coalesce(" ~ text ~ ", '')") ~ " desc") -%}{%- endfor -%}
    select *
    from (
        select
            *,
            row_number() over (partition by {{ list.id }} order by {{ order | join(', ') }}) as place
        from {{ ref('stg_' ~ provider ~ '__' ~ feed) }}
    ) as placed
    where place = 1
{%- endmacro %}
