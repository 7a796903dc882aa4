{#- Parameters of a GA4 event: a list of keys, each with its value in one of four fields. -#}
{% macro _ga4_types() %}{{ return(['string', 'int', 'float', 'double']) }}{% endmacro %}

{#- GA4's list of parameters, from JSON text, as `ga4_param` wants it. -#}
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

{#- Text of one of GA4's parameters, in whichever of its four fields it is; null if none is there. -#}
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

{#- All of GA4's parameters as one text, in whatever order they came and whatever field a value is in. -#}
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
        -- the separator of string_agg has to be a literal
        select array_to_string(array_agg(text_of_param ignore nulls order by text_of_param), chr(31))
        from (
            select
                json_value(param, '$.key') || '=' || coalesce(regexp_replace({{ _bigquery_ga4_value() }}, r'[.]0+$', ''), '')
                    as text_of_param
            from unnest({{ params }}) as param
        )
    )
{%- endmacro %}
