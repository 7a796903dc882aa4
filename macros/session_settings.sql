{#- The rows of seeds/session_settings.csv as a list of dictionaries; a blank setting is left out. -#}
{% macro session_settings() %}
    {%- set names = ['session_timeout_seconds', 'close_grace_seconds', 'max_session_seconds'] -%}
    {%- set rows = [] -%}
    {%- set seed = ref('session_settings') -%}
    {%- set relation = load_relation(seed) if execute else none -%}
    {%- set cache = {} if not execute or model.resource_type == 'unit_test' else run_cache() -%}
    {%- if cache.session_settings is defined -%}
        {{ return(cache.session_settings) }}
    {%- elif relation is not none -%}
        {%- set seen = [] -%}
        {%- for row in _session_setting_rows(relation, cache) -%}
            {%- set texts = [] -%}
            {%- for value in row -%}{%- do texts.append(_setting_text(value)) -%}{%- endfor -%}
            {%- set app_id, platform = texts[0], texts[1] | lower -%}
            {%- set where = "seeds/session_settings.csv, row app_id='" ~ app_id ~ "' platform='" ~ platform ~ "'" -%}
            {%- do _require(platform in ['', 'ios', 'android', 'amazon', 'web', 'other'], where,
                "platform must be ios, android, amazon, web, other or blank") -%}
            {%- do _require((app_id, platform) not in seen, where, "there are two rows for it; keep one") -%}
            {%- do seen.append((app_id, platform)) -%}
            {%- set setting = {'app_id': app_id, 'platform': platform} -%}
            {%- for name in names -%}
                {%- set text = texts[loop.index0 + 2] -%}
                {%- if text -%}
                    {%- do _require_seconds(text, name, where) -%}
                    {%- do setting.update({name: text | int}) -%}
                {%- endif -%}
            {%- endfor -%}
            {%- do rows.append(setting) -%}
        {%- endfor -%}
    {%- endif -%}
    {#- what is wrong with a zone is said here, too, before anything is built -#}
    {%- do app_time_zones() -%}
    {%- for name in names -%}
        {%- do _require_seconds(var(name) | string, name, 'dbt_project.yml or --vars') -%}
    {%- endfor -%}
    {%- if relation is not none -%}{%- do cache.update({'session_settings': rows}) -%}{%- endif -%}
    {{ return(rows) }}
{% endmacro %}

{#- `{time zone: [app_id]}` of the apps with a `reporting_timezone` of their own in seeds/session_settings.csv. -#}
{% macro app_time_zones() %}
    {%- if not execute -%}{%- do ref('session_settings') -%}{%- endif -%}
    {#- unit tests have the zones that they say -#}
    {%- if not execute or model.resource_type == 'unit_test' -%}{{ return({}) }}{%- endif -%}
    {%- set cache = model.setdefault('cache', run_cache()) -%}
    {%- if 'app_time_zones' not in cache -%}
        {%- set seed = load_relation(_relation_of('session_settings')) -%}
        {%- set zones = {} -%}
        {%- for row in (_session_setting_rows(seed, cache) if seed else []) -%}
            {%- set app_id, platform, zone = _setting_text(row[0]), _setting_text(row[1]), _setting_text(row[5]) -%}
            {%- if zone -%}
                {%- set where = "seeds/session_settings.csv, row app_id='" ~ app_id ~ "' platform='" ~ platform ~ "'" -%}
                {%- do _require(app_id and not platform, where,
                    "reporting_timezone is of an app: put it into the app's row without a platform") -%}
                {%- do _check_time_zone(zone, where ~ ', reporting_timezone') -%}
                {%- do zones.setdefault(zone, []).append(app_id) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- do cache.update({'app_time_zones': zones}) -%}
    {%- endif -%}
    {{ return(cache.app_time_zones) }}
{% endmacro %}

{% macro _session_setting_rows(relation, cache) %}
    {%- if 'session_setting_rows' not in cache -%}
        {%- do cache.update({'session_setting_rows': asked_rows(_session_settings_query(relation))}) -%}
    {%- endif -%}
    {{ return(cache.session_setting_rows) }}
{% endmacro %}

{% macro _session_settings_query(seed) %}
    {{ return(
        "select app_id, platform, session_timeout_seconds, close_grace_seconds, max_session_seconds, reporting_timezone from "
        ~ seed ~ " order by 1, 2"
    ) }}
{% endmacro %}

{#- A cell of a seed of settings; blank if it says so. -#}
{% macro _setting_text(value) %}
    {%- set text = (value if value is not none else '') | string | trim -%}
    {{ return('' if text | lower in null_texts() else text) }}
{% endmacro %}

{% macro _require_seconds(text, name, where) %}
    {%- set least = 0 if name == 'close_grace_seconds' else 1 -%}
    {%- do _require(
        modules.re.fullmatch('[0-9]{1,9}', text) is not none and text | int >= least,
        where, name ~ " must be a whole number of seconds, at least " ~ least ~ ", got '" ~ text ~ "'"
    ) -%}
{% endmacro %}

{#- SQL expression of one setting for a row's app and platform. -#}
{% macro session_setting(name, settings, app_id='app_id', platform='platform') -%}
    {%- set branches = [] -%}
    {%- for has_app, has_platform in [(true, true), (true, false), (false, true), (false, false)] -%}
        {%- for row in settings
            if (row.app_id != '') == has_app and (row.platform != '') == has_platform -%}
            {%- set conditions = [] -%}
            {%- if has_app -%}
                {%- do conditions.append(app_id ~ ' = ' ~ text_literal(row.app_id)) -%}
            {%- endif -%}
            {%- if has_platform %}{% do conditions.append(platform ~ " = '" ~ row.platform ~ "'") %}{% endif -%}
            {%- do branches.append(
                "when " ~ (conditions | join(' and ') or 'true') ~ " then " ~ row.get(name, var(name))
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- if branches -%}
        case {{ branches | join(' ') }} else {{ var(name) }} end
    {%- else -%}
        {{ return(var(name) | int) }}
    {%- endif -%}
{%- endmacro %}
