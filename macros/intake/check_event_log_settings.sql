{#-
    Whether the log's rows were judged by settings that have changed since: {all: whether all of them have to be judged
    again, rows: the condition of those that have to, where that is enough, or none, is_same: whether they are as they were,
    settings: what they are now, as one text}. What has grown (a provider, an app, the type of an event that never came)
    changes nothing.
-#}
{% macro _check_event_log_settings() %}
    {%- set kept = _model_states().get(model.name, {}).get('built_from') -%}
    {%- set now = _event_log_settings() -%}
    {%- set settings = now | join(_settings_separator()) -%}
    {%- set before = kept.split(_settings_separator()) if kept else now -%}
    {%- do _require_same_hashes(before, _hash_settings()) -%}
    {%- set stops = [] -%}
    {%- set reopened = [] -%}
    {%- for texts, is_new in [(before | reject('in', now) | list, false), (now | reject('in', before) | list, true)] -%}
        {%- for text in texts -%}
            {%- do _judge_setting(text, is_new, now, stops, reopened) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do _judge_erased_users(before, now, stops) -%}
    {%- if stops -%}
        {%- do log("int_event_log: all rows are judged again, since " ~ stops | join('; '), info=true) -%}
        {{ return({'all': true, 'rows': none, 'is_same': false, 'settings': settings}) }}
    {%- endif -%}
    {%- do reopened.append(_within_reach()) -%}
    {%- set condition = '(' ~ reopened | join(') or (') ~ ')' -%}
    {{ return({
        'all': false, 'rows': condition if _log_has(condition) else none,
        'is_same': kept is not none and before == now, 'settings': settings
    }) }}
{% endmacro %}

{#- Adds to `stops` what a setting that is new or gone changes for the log's rows, or to `reopened` whom it helps. -#}
{% macro _judge_setting(text, is_new, now, stops, reopened) %}
    {%- set kind, _, name = text.partition(' ') -%}
    {%- set provider, _, rest = name.partition('.') -%}
    {%- set of_provider = "provider = " ~ text_literal(provider) -%}
    {%- set of_app = of_provider ~ " and app_id = " ~ text_literal(rest) -%}
    {%- set listed = "(select app_id from " ~ ref('stg_' ~ provider ~ '__apps') ~ " where app_id is not null)"
        if kind == 'listing' and is_new -%}
    {%- if '=' in kind -%}
        {%- if is_new -%}
            {%- do stops.append('its SQL changed' if kind.startswith('definition=') else kind.replace('=', ' is now ')) -%}
        {%- endif -%}
    {%- elif kind == 'provider' -%}
        {%- if not is_new and _log_has(of_provider) -%}
            {%- do _require(false, 'providers',
                "the database holds events of provider '" ~ name ~ "', which is no longer read: put it back into the variable"
                ~ " providers, and into ended_providers if nothing comes from it any more, or drop its events with dbt build --full-refresh"
            ) -%}
        {%- endif -%}
    {%- elif kind == 'reading' -%}
        {%- set reader = name.partition('=')[0] -%}
        {%- do _require(
            is_new or 'provider ' ~ reader not in now or var('accept_earlier_reading')
            or not _log_has("provider = " ~ text_literal(reader)),
            'int_event_log', "how rows of provider '" ~ reader ~ "' are read has changed (its staging models, a macro that"
            ~ " they share, or seeds/country_codes.csv), and rows read before are there: read all of them again with"
            ~ " dbt build --full-refresh, or leave them as they are with --vars '{accept_earlier_reading: true}', once"
        ) -%}
    {%- elif kind == 'event_type' -%}
        {%- set event_name = rest.rpartition('=')[0] -%}
        {%- if _log_has(of_provider ~ (
            " and coalesce(event_kind, event_name) = " ~ text_literal(event_name) if event_name != '*' else ''
        )) -%}
            {%- do stops.append("event type " ~ name ~ (" is new" if is_new else " is gone")) -%}
        {%- endif -%}
    {%- elif kind == 'listing' -%}
        {%- if not is_new -%}
            {%- do reopened.append("rejection_reason = 'unknown_app' and " ~ of_provider) -%}
        {%- elif _log_has(of_provider ~ " and app_id is not null and app_id not in " ~ listed) -%}
            {%- do stops.append("provider " ~ name ~ " now lists its apps, and there are rows of others") -%}
        {%- endif -%}
    {%- elif kind == 'app' -%}
        {%- if is_new -%}
            {%- do reopened.append("rejection_reason = 'unknown_app' and " ~ of_app) -%}
        {%- elif 'listing ' ~ provider in now and _log_has(of_app) -%}
            {%- do stops.append("app " ~ rest ~ " is no longer listed by provider " ~ provider) -%}
        {%- endif -%}
    {%- endif -%}
{% endmacro %}

{% macro _log_has(condition) %}
    {{ return(asked_rows(_log_has_query(condition)) | length > 0) }}
{% endmacro %}

{% macro _log_has_query(condition) %}{{ return("select 1 as found from " ~ this ~ " where " ~ condition ~ " limit 1") }}{% endmacro %}

{#- Loads that were too far in the future come within reach as time goes by. -#}
{% macro _within_reach() %}
    {{ return("rejection_reason = 'loaded_at_in_future' and loaded_at <= " ~ _latest_load()) }}
{% endmacro %}
