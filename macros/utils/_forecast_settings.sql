{#- Sessions, DAU and ad revenue are forecast so many days ahead. -#}
{% macro _forecast_days_ahead() %}{{ return(28) }}{% endmacro %}

{#- Curves are learnt from so many days. -#}
{% macro _forecast_learnt_days() %}{{ return(56) }}{% endmacro %}

{#- First days since the install of the spans at which curves are kept: every day at first, then spans that grow with age. -#}
{% macro _forecast_spans() %}
    {{ return([
        0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 22, 27, 33, 40, 49, 60, 73, 89, 109, 133, 162, 198, 242, 295, 360, 439, 536,
        654, 798, 974, 1188, 1449, 1768
    ]) }}
{% endmacro %}

{#- Measures that are forecast, and the column that each is in. -#}
{% macro _forecast_measures() %}
    {{ return({'sessions': 'session_count', 'dau': 'dau', 'ad_revenue': 'ad_revenue'}) }}
{% endmacro %}

{#- Intervals come from the errors of so many days; of fewer as-of dates than the other there is none. -#}
{% macro _forecast_error_days() %}{{ return(91) }}{% endmacro %}
{% macro _forecast_least_error_dates() %}{{ return(4) }}{% endmacro %}

{#- Number of the span that an age, in days, lies in. -#}
{% macro _forecast_span_number(age) -%}
    case
        {%- for first_age in _forecast_spans() | reverse %}
        when {{ age }} >= {{ first_age }} then {{ loop.revindex }}
        {%- endfor %}
    end
{%- endmacro %}

{#- Name of each method, the one that is taken first. -#}
{% macro _forecast_methods() %}{{ return(['cohort_curves', 'same_weekday']) }}{% endmacro %}

{#- Joins the interval of a measure that is known at a row's as-of date. -#}
{% macro _forecast_join_interval(row, name, measure) -%}
    left join {{ ref('int_forecast_intervals') }} as {{ name }}
        on
            {{ row }}.app_id = {{ name }}.app_id
            and {{ row }}.as_of_date = {{ name }}.as_of_date
            and {{ name }}.measure = {{ measure }}
{%- endmacro %}

{#-
    A relative error that is as likely one day ahead as four weeks ahead: past errors are counted in it, and an interval is so
    many of it wide. A tenth a day is measured (docs/metrics.md).
-#}
{% macro _forecast_error_unit(days_ahead) -%}
    sqrt(1 + {{ as_double(days_ahead) }} / 10)
{%- endmacro %}

{#- Which of the weeks ahead a day is in. -#}
{% macro _forecast_week_ahead(days_ahead) -%}
    {{ whole_divide(days_ahead ~ ' + 6', 7) }}
{%- endmacro %}

{#- Number of a date's weekday: Monday is 0. -#}
{% macro _forecast_weekday(date) -%}
    mod({{ days_between("cast('2000-01-03' as date)", date) }}, 7)
{%- endmacro %}

{#- What is behind a forecast has to be as much: days of history, install dates, sessions. -#}
{% macro _forecast_least() %}{{ return({'days': 28, 'cohorts': 7, 'sessions': 100}) }}{% endmacro %}
