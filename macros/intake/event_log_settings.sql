{#- By which settings the event log's rows were judged; reference in macros/_macros.yml. -#}

{#-
    Everything that is baked into the log's rows, as the list of texts that state_models keeps: `name=value` of the
    variables and of its own SQL, `reading provider=digest`, `event_type provider.name=type,is_activity`,
    `listing provider`, `app provider.app_id`.
-#}
{% macro _event_log_settings() %}
    {#- its SQL, without the run's own clock -#}
    {%- set definition = definition_of(model.compiled_code.replace(_latest_load(), 'latest_load')) -%}
    {%- set found = [
        'definition=' ~ definition, 'max_clock_skew_seconds=' ~ var('max_clock_skew_seconds'), 'min_event_at=' ~ var('min_event_at')
    ] -%}
    {%- set shared = _shared_reading() -%}
    {%- for provider in _event_providers() | sort -%}
        {%- do found.append('provider ' ~ provider) -%}
        {%- do found.append('reading ' ~ provider ~ '=' ~ _reading_of(provider, shared)) -%}
        {%- set apps = [] -%}
        {%- if provider in _providers_with('apps') -%}
            {%- set apps = asked_rows(_apps_query(provider)) | map('first') | list -%}
        {%- endif -%}
        {%- if apps -%}{%- do found.append('listing ' ~ provider) -%}{%- endif -%}
        {%- for app_id in apps -%}{%- do found.append('app ' ~ provider ~ '.' ~ app_id) -%}{%- endfor -%}
    {%- endfor -%}
    {%- for row in asked_rows(_event_types_query(ref('event_types'))) -%}
        {%- do found.append('event_type ' ~ row[0] ~ '.' ~ row[1] ~ '=' ~ row[2] ~ (', activity' if row[3] else ', no activity')) -%}
    {%- endfor -%}
    {{ return(found + _erased_user_settings() + _hash_settings()) }}
{% endmacro %}

{% macro _event_types_query(seed) %}
    {{ return(
        "select provider, event_name, min(event_type) as kind, min(case when is_activity then 1 else 0 end) as is_activity from " ~ seed
        ~ " where provider in ('" ~ var('providers') | join("', '") ~ "') group by 1, 2 order by 1, 2"
    ) }}
{% endmacro %}

{% macro _apps_query(provider) %}
    {{ return("select distinct app_id from " ~ ref('stg_' ~ provider ~ '__apps') ~ " where app_id is not null order by 1") }}
{% endmacro %}

{#- What the macros of macros/intake/ that all staging models share make of columns of each type. -#}
{% macro _shared_reading() %}
    {%- set texts = [graph.nodes['seed.app_sessions.country_codes'].checksum.checksum, other_event_columns([])] -%}
    {%- set text, timestamp = dbt.type_string(), dbt.type_timestamp() -%}
    {%- for at, on_date, amount, flag in [
        (text, text, text, text), (timestamp, 'date', 'double', 'boolean'), ('bigint', 'bigint', 'bigint', text)
    ] -%}
        {%- set raw = {'sql': 'select * from raw', 'columns': {
            'id': text, 'name': text, 'country': text, 'at': at, 'loaded_at': at, 'on_date': on_date, 'amount': amount,
            'flag': flag, '_file_loaded_at': timestamp
        }} -%}
        {%- do texts.extend([
            raw_decimal(raw, 'amount', 9), usable_id(raw_text(raw, 'id')), canonical_platform('name'), raw_country(raw),
            _looked_up_country('country'), row_as_json(raw),
            unparsable_columns(raw, timestamps=['at', 'loaded_at'], decimals=['amount'], booleans=['flag'], dates=['on_date']),
            raw_rows(raw, ids=['id'], times=['at'], names=['name'], countries=['country']), raw_loaded_at(raw)
        ]) -%}
    {%- endfor -%}
    {{ return(texts) }}
{% endmacro %}

{#-
    How staging reads a provider's rows, as one digest: what the shared macros make, and the code of its models of events.
    Comments and names of files are not in it.
-#}
{% macro _reading_of(provider, shared) %}
    {%- set text, texts = dbt.type_string(), shared | list -%}
    {%- if provider == 'firebase' -%}
        {%- set columns = {} -%}
        {%- for column in [
            'user_pseudo_id', 'user_id', 'event_name', 'event_timestamp', 'event_params', 'app_info', 'device', 'geo',
            'traffic_source', 'session_traffic_source_last_click', 'collected_traffic_source', 'batch_page_id'
        ] + (['file_name'] if reads_files() else []) -%}{%- do columns.update({column: text}) -%}{%- endfor -%}
        {%- do texts.append(_ga4_rows({'sql': 'select * from raw', 'columns': columns}).sql) -%}
    {%- endif -%}
    {%- for node in graph.nodes.values() | sort(attribute='name') if node.resource_type == 'model'
        and node.name.startswith('stg_' ~ provider ~ '__') and ('event' in node.name or 'impression' in node.name) -%}
        {%- do texts.append(modules.re.sub('(?s)[{]' ~ '#.*?#' ~ '[}]|^[{][{] config[(].*?[)] [}][}]', '', node.raw_code)) -%}
    {%- endfor -%}
    {{ return(definition_of(texts | join('\x1f'))) }}
{% endmacro %}

{#- Between two of those texts where they are kept as one. -#}
{% macro _settings_separator() %}{{ return('\x1f') }}{% endmacro %}
