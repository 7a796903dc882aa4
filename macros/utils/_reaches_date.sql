{#-
    Condition that a user's day N, of an install on the row's `install_date`, may lie on this date or later. Day N begins N dates after
    the install; a relative one ends one date later, and a date more, or less, where clocks are set forward or back by up to a day.
-#}
{% macro _reaches_date(row, date, day_n=none) -%}
    {{ days_between(date, row ~ '.install_date') }} + {{ day_n or row ~ '.day_n' }} >= -2
{%- endmacro %}
