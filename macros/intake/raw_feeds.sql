{#- What feeds there are, and where. -#}

{#-
    What a raw feed is, as its source in models/staging/<provider>/ says: {columns, required, is_events, hint, passes_over,
    row_limits, folder}. `required` holds names, or lists of names of which one is enough; `hint` says what to do where one is
    missing; files whose path matches a pattern of `passes_over` are not read, for its reason; a file of exactly as many rows
    as a limit is probably cut.
-#}
{% macro _raw_feed(provider, feed) %}
    {%- for node in graph.sources.values() if node.source_name == provider and node.name == feed -%}
        {%- set meta = node.config.meta or node.meta -%}
        {{ return({
            'columns': node.columns.keys() | list,
            'types': node.columns,
            'required': meta.get('required', []),
            'is_events': meta.get('is_events', false),
            'hint': meta.get('hint'),
            'passes_over': meta.get('passes_over', {}),
            'row_limits': meta.get('row_limits', []),
            'path_says_load_time': meta.get('path_says_load_time', true),
            'folder': ('' if provider == 'generic' else provider ~ '/') ~ feed
        }) }}
    {%- endfor -%}
{% endmacro %}

{#- [(provider, feed)] of all providers in use. -#}
{% macro _raw_feeds() %}
    {%- set feeds = [] -%}
    {%- for node in graph.sources.values() if node.source_name in var('providers') -%}
        {%- do feeds.append((node.source_name, node.name)) -%}
    {%- endfor -%}
    {{ return(feeds | unique | sort) }}
{% endmacro %}

{#- Who can be named in `providers`: whoever has a folder in models/staging/ with a source of events, and reports. -#}
{% macro _known_providers() %}
    {%- set names = var('feeds').get('ad_spend_reports', []) + var('feeds').get('ad_revenue_reports', []) -%}
    {%- for node in graph.sources.values() if (node.config.meta or node.meta).get('is_events') -%}
        {%- do names.append(node.source_name) -%}
    {%- endfor -%}
    {{ return(names | unique | sort) }}
{% endmacro %}

{#- Providers in use that are a report of spend or ad revenue: stg_reports__<feed> reads all of a feed. -#}
{% macro _reports(feed) %}
    {{ return(var('providers') | select('in', var('feeds').get(feed ~ '_reports', [])) | list) }}
{% endmacro %}

{#- Providers in use that have events. -#}
{% macro _event_providers() %}
    {{ return(var('providers') | reject('in', _reports('ad_spend') + _reports('ad_revenue')) | list) }}
{% endmacro %}

{#- Providers in use that have a stg_<provider>__<feed>. -#}
{% macro _providers_with(feed) %}
    {{ return(var('providers') | select('in', var('feeds').get(feed, [])) | list) }}
{% endmacro %}

{#- All rows of stg_<provider>__<feed>, whoever has one; if nobody has, none, in the columns that are read of it. -#}
{% macro _rows_of_feed(feed) %}
    {%- for provider in _providers_with(feed) + (['reports'] if _reports(feed) else []) %}
    select * from {{ ref('stg_' ~ provider ~ '__' ~ feed) }}
    {{ 'union all' if not loop.last }}
    {%- else %}
    {%- set texts, decimals, date = {
        'apps': (['app_name'], [], none),
        'ad_spend': (
            ['campaign_id', 'campaign_name', 'channel', 'country', 'currency', 'file_name', 'unparsable_columns'],
            ['spend', 'impressions', 'clicks', 'reported_installs'], 'spend_date'
        ),
        'ad_revenue': (
            ['country', 'ad_network', 'currency', 'file_name', 'unparsable_columns'], ['revenue', 'impressions'], 'revenue_date'
        )
    }[feed] %}
    select
        {%- for name in texts %}
        cast(null as {{ dbt.type_string() }}) as {{ name }},
        {%- endfor %}
        {%- for name in decimals %}
        {{ as_decimal('null', 18, 6) }} as {{ name }},
        {%- endfor %}
        {%- for name in ['updated_at', 'loaded_at'] if date %}
        cast(null as {{ dbt.type_timestamp() }}) as {{ name }},
        {%- endfor %}
        {{ 'cast(null as date) as ' ~ date ~ ',' if date }}
        cast(null as {{ dbt.type_string() }}) as provider,
        cast(null as {{ dbt.type_string() }}) as app_id,
        cast(null as {{ dbt.type_string() }}) as platform
    from (select 1 as nothing) as no_rows
    where 1 = 0
    {%- endfor %}
{% endmacro %}

{#- raw_path, or the folder that check_input is given, with one slash at its end; `~` is the home folder. -#}
{% macro _raw_root() %}
    {%- set path = run_cache().get('checked_folder') or var('raw_path') | string -%}
    {%- if path == '~' or path.startswith('~/') -%}
        {%- set path = env_var('HOME', '~') ~ path[1:] -%}
    {%- endif -%}
    {{ return(path.rstrip('/') ~ '/') }}
{% endmacro %}
