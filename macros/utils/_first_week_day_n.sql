{#- The last day N of a user's first week, by which campaigns are judged. -#}
{% macro _first_week_day_n() %}{{ return(7) }}{% endmacro %}
