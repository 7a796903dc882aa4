{#-
    Selects the users whose rows may differ: those of pending changes and, where a network reports revenue by day, all who were
    active since the first of them, since they share it.
-#}
{% macro _touched_users() %}
    {%- set user_days, ad_revenue = ref('fct_user_days'), ref('fct_ad_revenue') -%}
    {%- set first_change = first_pending_change() -%}
    select user_key
    from {{ pending_users() }} as pending
    {%- if first_change %}
    union all
    -- a day's network revenue is shared by all who were active
    select days.user_key
    from {{ user_days }} as days
    inner join (select distinct revenue_date from {{ ad_revenue }}) as revenue
        on days.activity_date = revenue.revenue_date
    where days.activity_date >= {{ _touched_date(first_change) }}
    {%- endif %}
{% endmacro %}
