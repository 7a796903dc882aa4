{#- The canonical event columns, in order: what every stg_<provider>__events has. -#}
{% macro _event_columns() %}
    {{ return([
        'provider', 'event_id', 'app_id', 'platform', 'user_id', 'device_id', 'customer_user_id',
        'vendor_session_id', 'campaign_id', 'event_name', 'event_kind', 'country', 'app_version', 'os_version', 'device_model',
        'channel', 'currency', 'left_out_reason', 'revenue', 'ad_revenue_usd', 'duration_seconds', 'is_activity', 'is_reengagement',
        'event_at', 'received_at', 'loaded_at', 'installed_at', 'file_name', 'unparsable_columns', 'raw_row'
    ]) }}
{% endmacro %}

{#- Those of them that an event is shown with, whatever became of it. -#}
{% macro _shown_event_columns() %}
    {{ return(_event_columns() | reject('in', [
        'event_kind', 'left_out_reason', 'is_activity', 'unparsable_columns', 'raw_row'
    ]) | list) }}
{% endmacro %}

{#- md5 of what a row says, whenever and however often it is delivered; no event_id in it. -#}
{% macro _content_hash() %}
    {{ dbt.hash(_content_text()) }}
{% endmacro %}

{#- Of rows with one id the first counts: the earliest load, ties by content; of identical rows any. -#}
{% macro _copy_order() -%}
    loaded_at, {{ _content_hash().replace('is_activity', 'given_is_activity') }},
    case when received_at is null then 1 else 0 end, received_at, file_name
{%- endmacro %}

{% macro _content_text() %}
    {%- set text_columns = [
        'provider', 'app_id', 'platform', 'device_id', 'customer_user_id', 'vendor_session_id', 'campaign_id', 'event_name',
        'event_kind', 'country', 'app_version', 'os_version', 'device_model', 'channel', 'currency', 'left_out_reason',
        'unparsable_columns', 'raw_row'
    ] -%}
    {%- set parts = [] -%}
    {%- for column in text_columns -%}
        {%- do parts.append("coalesce(" ~ column ~ ", '')") -%}
    {%- endfor -%}
    {%- for column, scale in {'revenue': 6, 'ad_revenue_usd': 9, 'duration_seconds': 6}.items() -%}
        {%- do parts.append("coalesce(" ~ decimal_text(column, scale) ~ ", '')") -%}
    {%- endfor -%}
    {%- for column in ['event_at', 'installed_at'] -%}
        {%- do parts.append("coalesce(cast(" ~ epoch_us(column) ~ " as " ~ dbt.type_string() ~ "), '')") -%}
    {%- endfor -%}
    {%- for column in ['is_activity', 'is_reengagement'] -%}
        {%- do parts.append(
            "case when " ~ column ~ " then '1' when not " ~ column ~ " then '0' else '' end"
        ) -%}
    {%- endfor -%}
    {{ return(parts | join(" || chr(31)\n        || ")) }}
{% endmacro %}

{#- A number of a whole row as it was delivered, to tell loads with the same rows by its sum. -#}
{% macro _row_digest() %}
    {{ row_digest(_event_columns() | reject('equalto', 'file_name') | list, _content_text()
        ~ " || chr(31) || coalesce(event_id, '') || chr(31) || coalesce(cast(" ~ epoch_us('received_at') ~ " as "
        ~ dbt.type_string() ~ "), '')") }}
{% endmacro %}
