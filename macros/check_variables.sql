{#- At the start of each run: raises a compiler error that names the first variable whose value is not allowed, and what is. -#}
{% macro check_variables() %}
    {%- do _check_names_of_variables() -%}
    {%- set known_providers = _known_providers() if execute else [] -%}
    {%- set name_rule = "must be a list of " ~ known_providers | join(', ') -%}
    {%- set providers = var('providers') -%}
    {%- do _check_variable('providers', providers is sequence and providers is not string and providers, name_rule) -%}
    {%- for provider in providers -%}
        {%- do _check_variable('providers', not execute or provider in known_providers, name_rule) -%}
    {%- endfor -%}
    {%- do _check_variable('providers', _event_providers(), "must name who has events, beside reports of spend and ad revenue") -%}
    {%- set ended = var('ended_providers') -%}
    {%- do _check_variable(
        'ended_providers', ended is sequence and ended is not string and not ended | reject('in', providers) | list,
        "must be a list of names that providers has, too: their rows stay"
    ) -%}
    {%- for name, least in {
        'session_timeout_seconds': 1, 'close_grace_seconds': 0, 'max_session_seconds': 1,
        'min_measured_seconds': 0, 'max_clock_skew_seconds': 0, 'load_lookback_days': 0,
        'reinstall_window_days': 0, 'reengagement_inactivity_days': 0, 'churn_days': 1, 'late_days': 0
    }.items() -%}
        {%- do _check_variable(
            name, var(name) is integer and var(name) is not boolean and var(name) >= least,
            "must be a whole number, at least " ~ least
        ) -%}
    {%- endfor -%}
    {%- set windows = var('deduplication_window_days') -%}
    {%- set days = windows.values() | select('integer') | reject('boolean') | select('ge', 0) | list if windows is mapping -%}
    {%- do _check_variable(
        'deduplication_window_days',
        windows is mapping and days | length == windows | length and (not execute or not windows | reject('in', known_providers) | list),
        "must give whole numbers of days, at least 0, by provider (" ~ known_providers | join(', ') ~ ")"
    ) -%}
    {%- do _check_days('n_days', 0) -%}
    {%- do _check_days('ltv_horizons', 1) -%}
    {%- for name in ['infer_installs', 'use_sample', 'accept_lost_loads', 'accept_earlier_reading', 'hash_ids'] -%}
        {%- do _check_variable(name, var(name) is boolean, "must be true or false") -%}
    {%- endfor -%}
    {%- do _check_variable(
        'cohort_day_basis', var('cohort_day_basis') in ['relative_24h', 'calendar'],
        "must be relative_24h or calendar"
    ) -%}
    {%- do _check_variable(
        'schema_prefix',
        var('schema_prefix') is none or modules.re.fullmatch('[A-Za-z][A-Za-z0-9_]*', var('schema_prefix') | string) is not none,
        "must be letters, digits and _, or null"
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
        'reporting_currency', modules.re.fullmatch('[A-Za-z]{3}', var('reporting_currency') | string) is not none,
        "must be an ISO code such as USD, with rates in seeds/exchange_rates.csv"
    ) -%}
    {%- do _check_variable(
        'min_accepted_share',
        var('min_accepted_share') is number and var('min_accepted_share') is not boolean and 0 <= var('min_accepted_share') <= 1,
        "must be a number from 0 to 1"
    ) -%}
    {%- do _check_time_zone(var('reporting_timezone') | string, 'the variable reporting_timezone') -%}
    {%- do ask_at_start() -%}
    {%- do check_engine() -%}
    {%- do _check_hash_ids() -%}
{% endmacro %}

{#- Raises an error, of who has the zone, unless the engine knows it; an engine that cannot be asked may know any. -#}
{% macro _check_time_zone(zone, whose) %}
    {%- set zones = time_zones() if execute and zone != 'UTC' else none -%}
    {%- set likeliest = _likeliest_name(zone, zones) if zones -%}
    {%- do _require(
        modules.re.fullmatch('[A-Za-z0-9_+/-]+', zone) is not none
        and (zones is none or (zone | lower in zones | map('lower') and '/' in zone)),
        whose, "must be the name of a time zone that the engine knows, of the form Europe/Berlin"
        ~ (" (is it " ~ likeliest ~ "?)" if likeliest else "") ~ ", got '" ~ zone ~ "'"
    ) -%}
{% endmacro %}

{#- A variable that nobody reads is a misspelt one. As a package, others' variables are none of its business. -#}
{% macro _check_names_of_variables() %}
    {%- set known = _known_variables() -%}
    {%- for name in (invocation_args_dict.get('vars') or {}) if name not in known -%}
        {%- set near = _likeliest_name(name, known) -%}
        {%- do _require(
            project_name != 'app_sessions' and not near, 'the variable ' ~ name,
            "is none of this project" ~ ("; is it " ~ near ~ "?" if near else "; docs/settings.md lists them")
        ) -%}
    {%- endfor -%}
{% endmacro %}

{% macro _known_variables() %}
    {{ return([
        'providers', 'ended_providers', 'feeds', 'use_sample', 'raw_path', 'raw_database', 'raw_schema', 'schema_prefix',
        'session_timeout_seconds',
        'close_grace_seconds', 'max_session_seconds', 'min_measured_seconds', 'max_clock_skew_seconds', 'min_event_at',
        'load_lookback_days', 'deduplication_window_days',
        'accept_lost_loads', 'accept_earlier_reading', 'min_accepted_share', 'cohort_day_basis', 'reporting_timezone',
        'reporting_currency', 'n_days', 'ltv_horizons', 'reinstall_window_days', 'infer_installs', 'reengagement_inactivity_days',
        'churn_days', 'late_days', 'as_of', 'hash_ids', 'dbt_date:time_zone'
    ]) }}
{% endmacro %}

{% macro _check_days(name, least) %}
    {%- set rule = "must be a list of whole numbers from " ~ least ~ " to 3650, each once" -%}
    {%- do _check_variable(name, var(name) is sequence and var(name) is not string and var(name), rule) -%}
    {%- for day_n in var(name) -%}
        {%- do _check_variable(
            name, day_n is integer and day_n is not boolean and least <= day_n <= 3650 and day_n not in var(name)[:loop.index0], rule
        ) -%}
    {%- endfor -%}
{% endmacro %}

{#- Reference: macros/_macros.yml (check_reporting_currency). -#}
{% macro check_reporting_currency() %}
    {%- set rates = ref('int_exchange_rates') -%}
    {%- if execute and flags.WHICH in ['run', 'build', 'retry'] -%}
        {%- set known = _currencies_with_a_rate(rates) -%}
        {%- do _check_variable(
            'reporting_currency', var('reporting_currency') | upper in known or not known,
            "must have a rate in seeds/exchange_rates.csv, as " ~ known | join(', ') ~ " have"
        ) -%}
    {%- endif -%}
    {{ return(nothing_to_send()) }}
{% endmacro %}

{% macro _check_variable(name, condition, rule) %}
    {%- do _require(condition, 'the variable ' ~ name, rule ~ ", got '" ~ var(name) ~ "'") -%}
{% endmacro %}
