{#- Reference: macros/_macros.yml (check_variables). -#}
{% macro check_variables() %}
    {%- set known_providers = ['tenjin', 'generic'] -%}
    {%- set name_rule = "must be a list of " ~ known_providers | join(', ') -%}
    {%- set providers = var('providers') -%}
    {%- do _check_variable('providers', providers is sequence and providers is not string and providers, name_rule) -%}
    {%- for provider in providers -%}
        {%- do _check_variable('providers', provider in known_providers, name_rule) -%}
    {%- endfor -%}
    {%- for name, least in {
        'session_timeout_seconds': 1, 'close_grace_seconds': 0, 'max_session_seconds': 1,
        'min_measured_seconds': 0, 'max_clock_skew_seconds': 0, 'load_lookback_days': 0,
        'reinstall_window_days': 0, 'reengagement_inactivity_days': 0, 'late_days': 0
    }.items() -%}
        {%- do _check_variable(
            name, var(name) is integer and var(name) is not boolean and var(name) >= least,
            "must be a whole number, at least " ~ least
        ) -%}
    {%- endfor -%}
    {%- do _check_variable(
        'n_days', var('n_days') is sequence and var('n_days') is not string and var('n_days'),
        "must be a list of whole numbers from 0 to 3650"
    ) -%}
    {%- for day_n in var('n_days') -%}
        {%- do _check_variable(
            'n_days', day_n is integer and day_n is not boolean and 0 <= day_n <= 3650,
            "must be a list of whole numbers from 0 to 3650"
        ) -%}
    {%- endfor -%}
    {%- for name in ['infer_installs', 'use_sample', 'accept_lost_loads'] -%}
        {%- do _check_variable(name, var(name) is boolean, "must be true or false") -%}
    {%- endfor -%}
    {%- do _check_variable(
        'cohort_day_basis', var('cohort_day_basis') in ['relative_24h', 'calendar'],
        "must be relative_24h or calendar"
    ) -%}
    {%- for name in ['min_event_at', 'as_of'] -%}
        {%- do _check_variable(
            name,
            (name == 'as_of' and var(name) is none)
            or modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}( [0-9:.]+)?', var(name) | string) is not none,
            "must be a date such as '2025-01-31'" ~ (", or null" if name == 'as_of' else "")
        ) -%}
    {%- endfor -%}
    {%- do _check_variable(
        'reporting_timezone', modules.re.fullmatch('[A-Za-z0-9_+/-]+', var('reporting_timezone') | string) is not none,
        "must be the name of a time zone such as Europe/Berlin"
    ) -%}
    {%- do _check_variable(
        'reporting_currency', modules.re.fullmatch('[A-Za-z]{3}', var('reporting_currency') | string) is not none,
        "must be an ISO code such as USD, with rates in seeds/exchange_rates.csv"
    ) -%}
    {%- do check_engine() -%}
{% endmacro %}

{% macro _check_variable(name, condition, rule) %}
    {%- do _require(condition, 'the variable ' ~ name, rule ~ ", got '" ~ var(name) ~ "'") -%}
{% endmacro %}
