{#-
Columns `<feed>_complete_until` of a group of `users`, of their slowest provider; int_feed_completeness is joined as `completeness` and,
for spend, int_spend_completeness as `spend_completeness`.
-#}
{% macro _complete_until_of_users(feeds) -%}
    {%- for feed in feeds -%}
    {%- set loaded_at = 'completeness.' ~ feed ~ '_loaded_at' -%}
    {%- set of_channel = 'coalesce(completeness.own_ad_spend_loaded_at, spend_completeness.ad_spend_loaded_at, ' ~ loaded_at ~ ')' -%}
    {{ last_complete_date('min(' ~ (of_channel if feed == 'ad_spend' else loaded_at) ~ ')', 'users.app_id') }}
        as {{ feed }}_complete_until{{ ', ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
