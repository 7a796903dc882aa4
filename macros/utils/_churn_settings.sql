{#- Days of silence that are predicted, each with how many as-of dates later its outcome is known. -#}
{% macro _churn_horizons() %}{{ return({14: 1, 30: 2}) }}{% endmacro %}

{#- As-of dates are so many days apart, counted back from the last complete date: 30 days are two of them. -#}
{% macro _churn_step_days() %}{{ return(15) }}{% endmacro %}

{#- So many as-of dates are learnt from. -#}
{% macro _churn_training_dates() %}{{ return(6) }}{% endmacro %}

{#- All as-of dates: the newest of known outcome is predicted, too, and that from as many before it. -#}
{% macro _churn_dates() %}
    {{ return(2 * (_churn_horizons().values() | max) + _churn_training_dates()) }}
{% endmacro %}

{#- Who had no session for so long is gone; what was longer ago does not count. -#}
{% macro _churn_window_days() %}{{ return(90) }}{% endmacro %}

{#- Fewer users whose outcome is known tell nothing. -#}
{% macro _churn_least_users() %}{{ return(100) }}{% endmacro %}

{#- What users of an app are alike in: what tells most comes first. -#}
{% macro _churn_bins() %}{{ return(['recency_bin', 'interval_bin', 'age_bin', 'platform']) }}{% endmacro %}

{#- The lower end of the bin in which a whole number lies. -#}
{% macro _churn_bin(value, ends) -%}
    case
        {%- for end in ends | reverse %}
        when {{ value }} >= {{ end }} then {{ end }}
        {%- endfor %}
    end
{%- endmacro %}
