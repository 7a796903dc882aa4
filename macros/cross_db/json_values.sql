{#- Values inside nested columns. A nested column is JSON text everywhere above the reader of files and tables. -#}

{% macro _not_there(name) -%}
    {{ exceptions.raise_compiler_error(
        name ~ ": no implementation for adapter '" ~ adapter.type() ~ "'; add one to macros/cross_db/json_values.sql"
    ) }}
{%- endmacro %}

{#- Reference: macros/_macros.yml (nested_as_json). -#}
{% macro nested_as_json(column) -%}
    {{ return(adapter.dispatch('nested_as_json', 'app_sessions')(column)) }}
{%- endmacro %}

{% macro default__nested_as_json(column) -%}to_json({{ column }}){%- endmacro %}

{% macro duckdb__nested_as_json(column) -%}cast(to_json({{ column }}) as varchar){%- endmacro %}

{% macro postgres__nested_as_json(column) -%}cast({{ column }} as text){%- endmacro %}

{% macro bigquery__nested_as_json(column) -%}to_json_string({{ column }}){%- endmacro %}

{#- Whether a type has parts: a struct, a list, a map, or an engine's own document. -#}
{% macro _is_nested(data_type) -%}
    {%- set type = data_type | lower -%}
    {{ return(type.endswith('[]') or type.split('(')[0].split('<')[0] in [
        'struct', 'array', 'map', 'row', 'jsonb', 'variant', 'super', 'record'
    ]) }}
{%- endmacro %}

{#- Reference: macros/_macros.yml (json_value_text). -#}
{% macro json_value_text(json, path) -%}
    {{ return(adapter.dispatch('json_value_text', 'app_sessions')(json, path)) }}
{%- endmacro %}

{% macro default__json_value_text(json, path) -%}{{ _not_there('json_value_text') }}{%- endmacro %}

{% macro duckdb__json_value_text(json, path) -%}json_extract_string({{ json }}, '$.{{ path | join(".") }}'){%- endmacro %}

{% macro postgres__json_value_text(json, path) -%}cast({{ json }} as json) #>> '{ {{- path | join(",") -}} }'{%- endmacro %}

{% macro spark__json_value_text(json, path) -%}get_json_object({{ json }}, '$.{{ path | join(".") }}'){%- endmacro %}

{% macro bigquery__json_value_text(json, path) -%}json_value({{ json }}, '$.{{ path | join(".") }}'){%- endmacro %}

{#- A parameter has its value in one of four fields. -#}
{% macro _ga4_types() %}{{ return(['string', 'int', 'float', 'double']) }}{% endmacro %}

{#- Reference: macros/_macros.yml (ga4_params). -#}
{% macro ga4_params(json) -%}
    {{ return(adapter.dispatch('ga4_params', 'app_sessions')(json)) }}
{%- endmacro %}

{% macro default__ga4_params(json) -%}{{ _not_there('ga4_params') }}{%- endmacro %}

{% macro duckdb__ga4_params(json) -%}
    {%- set fields = [] -%}
    {%- for type in _ga4_types() -%}{%- do fields.append('"' ~ type ~ '_value": "VARCHAR"') -%}{%- endfor -%}
    try(from_json({{ json }}, '[{"key": "VARCHAR", "value": { {{- fields | join(", ") -}} }}]'))
{%- endmacro %}

{% macro postgres__ga4_params(json) -%}cast({{ json }} as json){%- endmacro %}

{% macro spark__ga4_params(json) -%}
    from_json({{ json }}, 'array<struct<key:string,value:struct<{{ _ga4_types() | join("_value:string,") }}_value:string>>>')
{%- endmacro %}

{% macro bigquery__ga4_params(json) -%}json_query_array({{ json }}){%- endmacro %}

{#- Reference: macros/_macros.yml (ga4_param). -#}
{% macro ga4_param(params, key) -%}
    {{ return(adapter.dispatch('ga4_param', 'app_sessions')(params, key)) }}
{%- endmacro %}

{#- The value of one parameter, whatever its type. -#}
{% macro _ga4_value(param) -%}
    coalesce({{ param }}.value.{{ _ga4_types() | join('_value, ' ~ param ~ '.value.') }}_value)
{%- endmacro %}

{% macro default__ga4_param(params, key) -%}{{ _not_there('ga4_param') }}{%- endmacro %}

{% macro duckdb__ga4_param(params, key) -%}
    list_transform(list_filter({{ params }}, lambda p: p.key = '{{ key }}'), lambda p: {{ _ga4_value('p') }})[1]
{%- endmacro %}

{% macro postgres__ga4_param(params, key) -%}
    (
        select {{ _postgres_ga4_value() }}
        from json_array_elements({{ params }}) as params_of_row(param)
        where param ->> 'key' = '{{ key }}'
        limit 1
    )
{%- endmacro %}

{% macro _postgres_ga4_value() -%}
    coalesce(
        {%- for type in _ga4_types() %}
        param -> 'value' ->> '{{ type }}_value'{{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{% macro spark__ga4_param(params, key) -%}
    get(transform(filter({{ params }}, p -> p.key = '{{ key }}'), p -> {{ _ga4_value('p') }}), 0)
{%- endmacro %}

{% macro bigquery__ga4_param(params, key) -%}
    (
        select {{ _bigquery_ga4_value() }}
        from unnest({{ params }}) as param
        where json_value(param, '$.key') = '{{ key }}'
        limit 1
    )
{%- endmacro %}

{% macro _bigquery_ga4_value() -%}
    coalesce(
        {%- for type in _ga4_types() %}
        json_value(param, '$.value.{{ type }}_value'){{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{#- Reference: macros/_macros.yml (ga4_params_text). -#}
{% macro ga4_params_text(params) -%}
    {{ return(adapter.dispatch('ga4_params_text', 'app_sessions')(params)) }}
{%- endmacro %}

{% macro default__ga4_params_text(params) -%}{{ _not_there('ga4_params_text') }}{%- endmacro %}

{% macro duckdb__ga4_params_text(params) -%}
    array_to_string(list_sort(list_transform({{ params }}, lambda p:
        p.key || '=' || coalesce(regexp_replace({{ _ga4_value('p') }}, '[.]0+$', ''), '')
    )), chr(31))
{%- endmacro %}

{% macro postgres__ga4_params_text(params) -%}
    (
        select string_agg(text_of_param, chr(31) order by text_of_param collate "C")
        from (
            select (param ->> 'key') || '=' || coalesce(regexp_replace({{ _postgres_ga4_value() }}, '[.]0+$', ''), '') as text_of_param
            from json_array_elements({{ params }}) as params_of_row(param)
        ) as texts
    )
{%- endmacro %}

{% macro spark__ga4_params_text(params) -%}
    array_join(array_sort(transform({{ params }}, p ->
        concat(p.key, '=', coalesce(regexp_replace({{ _ga4_value('p') }}, '[.]0+$', ''), ''))
    )), chr(31))
{%- endmacro %}

{% macro bigquery__ga4_params_text(params) -%}
    (
        select string_agg(text_of_param, chr(31) order by text_of_param)
        from (
            select
                json_value(param, '$.key') || '=' || coalesce(regexp_replace({{ _bigquery_ga4_value() }}, r'[.]0+$', ''), '')
                    as text_of_param
            from unnest({{ params }}) as param
        )
    )
{%- endmacro %}

{#- Reference: macros/_macros.yml (ga4_table_date). -#}
{% macro ga4_table_date(name) -%}
    {{ return(adapter.dispatch('ga4_table_date', 'app_sessions')(name)) }}
{%- endmacro %}

{% macro default__ga4_table_date(name) -%}{{ _not_there('ga4_table_date') }}{%- endmacro %}

{% macro duckdb__ga4_table_date(name) -%}
    try_strptime(regexp_extract({{ name }}, 'events_(?:intraday_|fresh_)?([0-9]{8})[^/]*$', 1), '%Y%m%d')
{%- endmacro %}

{#- Reference: macros/_macros.yml (sharded_tables). -#}
{% macro sharded_tables(relation, feed) -%}
    {{ return(adapter.dispatch('sharded_tables', 'app_sessions')(relation, feed)) }}
{%- endmacro %}

{% macro default__sharded_tables(relation, feed) -%}{{ _not_there('sharded_tables') }}{%- endmacro %}

{#-
    All tables of a name with a date at its end, columns as the source declares them. A table is loaded when its day is over in
    every zone: BigQuery prunes tables by their suffix, and `loaded_at` is a function of it. Compiled, not run.
-#}
{% macro bigquery__sharded_tables(relation, feed) -%}
    {%- set day = "timestamp(parse_date('%Y%m%d', right(_table_suffix, 8)))" -%}
    {%- set columns, texts = {}, [] -%}
    {%- for name, column in feed.types.items() if name != 'loaded_at' -%}
        {%- set is_nested = _is_nested(column.data_type) -%}
        {%- do columns.update({name: 'string' if is_nested else column.data_type}) -%}
        {%- do texts.append((nested_as_json(name) ~ ' as ' if is_nested else '') ~ name) -%}
    {%- endfor -%}
    {%- do columns.update({'loaded_at': 'timestamp', '_table_date': 'timestamp'}) -%}
    {%- do texts.extend([plus_seconds(day, 36 * 3600) ~ ' as loaded_at', day ~ ' as _table_date']) -%}
    {{ return({'sql': 'select ' ~ texts | join(', ') ~ ' from ' ~ relation, 'columns': columns}) }}
{%- endmacro %}
