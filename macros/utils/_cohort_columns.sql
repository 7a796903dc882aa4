{#- The columns whose users are one cohort. -#}
{% macro _cohort_columns() %}
    {{ return(['app_id', 'platform', 'channel', 'campaign_id', 'install_date', 'is_install_inferred']) }}
{% endmacro %}

{#- `left.a = right.a and left.b = right.b ...` over a cohort's columns, but for those left out. -#}
{% macro _same_cohort(left, right, but=[]) -%}
    {%- for key in _cohort_columns() | reject('in', but) -%}
        {{ left }}.{{ key }} = {{ right }}.{{ key }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{#- What is told of a cohort's day N, `counts` and `revenues`; summed over cohorts, too. -#}
{% macro _cohort_measures() %}
    {{ return({
        'counts': [
            'd0_users', 'active_users', 'rolling_users', 'bracket_users', 'session_count', 'app_open_count',
            'cumulative_session_count', 'cumulative_app_open_count'
        ],
        'revenues': ['ad_revenue', 'iap_revenue', 'cumulative_ad_revenue', 'cumulative_iap_revenue']
    }) }}
{% endmacro %}
