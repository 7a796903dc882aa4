{#-
    Rows of a GA4 export with flat columns, as texts, by canonical names where there is one; `event_at` is a time. What
    a shard or a file lacks is null: the schema grows.
-#}
{% macro _ga4_rows(raw) %}
    {%- set text = dbt.type_string() -%}
    {%- set columns, texts = {}, [] -%}
    {%- set plain = {
        'event_name': 'event_name', 'device_id': 'user_pseudo_id', 'customer_user_id': 'user_id', 'stream_id': 'stream_id',
        'platform': 'platform', 'event_timestamp': 'event_timestamp', 'event_value_in_usd': 'event_value_in_usd'
    } -%}
    {%- for name, column in plain.items() -%}
        {%- do columns.update({name: text}) -%}
        {%- do texts.append((
            'cast(null as ' ~ text ~ ')' if column not in raw.columns
            else column if _is_text(raw.columns[column]) else 'cast(' ~ column ~ ' as ' ~ text ~ ')'
        ) ~ ' as ' ~ name) -%}
    {%- endfor -%}
    {%- for name, path in {
        'app_id': ['app_info', 'id'],
        'app_version': ['app_info', 'version'],
        'os_version': ['device', 'operating_system_version'],
        'device_model': ['device', 'mobile_model_name'],
        'country': ['geo', 'country'],
        'first_campaign': ['traffic_source', 'name'],
        'first_medium': ['traffic_source', 'medium'],
        'first_source': ['traffic_source', 'source'],
        'google_campaign_id': ['session_traffic_source_last_click', 'google_ads_campaign', 'campaign_id'],
        'clicked_campaign_id': ['collected_traffic_source', 'manual_campaign_id'],
        'clicked_source': ['collected_traffic_source', 'manual_source'],
        'google_click_id': ['collected_traffic_source', 'gclid']
    }.items() -%}
        {%- do columns.update({name: text}) -%}
        {%- do texts.append((
            json_value_text(path[0], path[1:]) if path[0] in raw.columns else 'cast(null as ' ~ text ~ ')'
        ) ~ ' as ' ~ name) -%}
    {%- endfor -%}
    {%- for key in ['ga_session_id', 'engagement_time_msec', 'value', 'currency'] -%}
        {%- do columns.update({key: text}) -%}
        {#- the value of a custom event may be anything -#}
        {%- set condition = _is_ga4_money() if key in ['value', 'currency'] else '1 = 1' -%}
        {%- do texts.append((
            'case when ' ~ condition ~ ' then ' ~ ga4_param('_params', key) ~ ' end' if 'event_params' in raw.columns
            else 'cast(null as ' ~ text ~ ')'
        ) ~ ' as ' ~ key) -%}
    {%- endfor -%}
    {#-
        An event is the same one in the intraday and in the daily table, and when a device sends it again. Each part has its
        place, whether a file has the column or not: else a new column would give every event another id.
    -#}
    {%- set identity = [] -%}
    {%- for column in ['user_pseudo_id', 'event_timestamp', 'event_name', 'batch_page_id', 'batch_ordering_id', 'batch_event_index'] -%}
        {%- do identity.append("coalesce(cast(" ~ column ~ " as " ~ text ~ "), '')" if column in raw.columns else "''") -%}
    {%- endfor -%}
    {%- do identity.append("coalesce(" ~ ga4_params_text('_params') ~ ", '')" if 'event_params' in raw.columns else "''") -%}
    {%- if 'event_timestamp' in raw.columns -%}
        {%- do columns.update({'event_id': text}) -%}
        {%- do texts.append(dbt.hash(identity | join(' || chr(31) || ')) ~ ' as event_id') -%}
    {%- endif -%}
    {%- if 'event_timestamp' in raw.columns -%}
        {#- always microseconds: a clock of 1970 must not be taken for seconds -#}
        {%- set number = 'cast(' ~ parse_decimal('event_timestamp', raw.columns.event_timestamp, 0) ~ ' as bigint)' -%}
        {%- do columns.update({'event_at': dbt.type_timestamp()}) -%}
        {%- do texts.append(
            'case when ' ~ number ~ ' between -62135596800000000 and 253402300799999999 then ' ~ from_epoch_us(number)
            ~ ' end as event_at'
        ) -%}
    {%- endif -%}
    {%- if 'file_name' in raw.columns and '_table_date' not in raw.columns -%}
        {%- do columns.update({'_table_date': dbt.type_timestamp()}) -%}
        {%- do texts.append(ga4_table_date('file_name') ~ ' as _table_date') -%}
    {%- endif -%}
    {%- for column in ['loaded_at', 'file_name', '_file_loaded_at', '_unreadable_line', '_table_date'] if column in raw.columns -%}
        {%- do columns.update({column: raw.columns[column]}) -%}
        {%- do texts.append(column) -%}
    {%- endfor -%}
    {%- set parsed = "select *, " ~ ga4_params('event_params') ~ " as _params from (" ~ raw.sql ~ ") as " ~ _raw_alias()
        if 'event_params' in raw.columns else raw.sql -%}
    {{ return({
        'columns': columns,
        'sql': "select " ~ texts | join(', ') ~ " from (" ~ parsed ~ ' ' ~ computed_here() ~ ") as parsed_rows " ~ computed_here()
    }) }}
{% endmacro %}

{#- Events that sell or pay back; and those, with ad impressions, whose `value` is money. -#}
{% macro _ga4_sales() %}
    {{ return([
        'in_app_purchase', 'purchase', 'ecommerce_purchase', 'refund', 'app_store_refund', 'app_store_subscription_convert',
        'app_store_subscription_renew'
    ]) }}
{% endmacro %}

{% macro _is_ga4_money() -%}
    event_name in {{ _in_list(_ga4_sales() + ['ad_impression']) }}
{%- endmacro %}
