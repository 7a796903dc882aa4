{#- The tables of GA4's export: one a day, with the date at the end of its name. -#}

{#- The date at the end of the name of a GA4 table or file; null if there is none. -#}
{% macro ga4_table_date(name) -%}
    {{ return(adapter.dispatch('ga4_table_date', 'app_sessions')(name)) }}
{%- endmacro %}

{% macro default__ga4_table_date(name) -%}{{ _not_there('ga4_table_date') }}{%- endmacro %}

{% macro duckdb__ga4_table_date(name) -%}
    try_strptime(regexp_extract({{ name }}, 'events_(?:intraday_|fresh_)?([0-9]{8})[^/]*$', 1), '%Y%m%d')
{%- endmacro %}

{#- The tables of a name that ends in `*`, as `raw_input` gives a table, with `loaded_at` and `_table_date` from their names. -#}
{% macro sharded_tables(relation, feed) -%}
    {{ return(adapter.dispatch('sharded_tables', 'app_sessions')(relation, feed)) }}
{%- endmacro %}

{% macro default__sharded_tables(relation, feed) -%}{{ _not_there('sharded_tables') }}{%- endmacro %}

{#-
    All tables of a name with a date at its end, columns as the source declares them. A table is loaded when its day is over in
    every zone: `loaded_at` is a function of the suffix alone, so that BigQuery opens only the tables that a condition on it
    leaves. Other tables that begin alike are none of the export's. Compiled and analyzed, not run.
-#}
{% macro bigquery__sharded_tables(relation, feed) -%}
    {%- set digits = 'right(_table_suffix, 8)' -%}
    {%- set day = 'cast(' ~ parse_date(
        'substr(' ~ digits ~ ", 1, 4) || '-' || substr(" ~ digits ~ ", 5, 2) || '-' || substr(" ~ digits ~ ', 7, 2)'
    ) ~ ' as timestamp)' -%}
    {%- set columns, texts = {}, [] -%}
    {%- for name, column in feed.types.items() if name != 'loaded_at' -%}
        {%- set is_nested = _is_nested(column.data_type) -%}
        {%- do columns.update({name: 'string' if is_nested else column.data_type}) -%}
        {%- do texts.append((nested_as_json(name) ~ ' as ' if is_nested else '') ~ name) -%}
    {%- endfor -%}
    {%- do columns.update({'loaded_at': 'timestamp', '_table_date': 'timestamp'}) -%}
    {%- do texts.extend([plus_seconds(day, 36 * 3600) ~ ' as loaded_at', day ~ ' as _table_date']) -%}
    {{ return({'columns': columns, 'sql':
        'select ' ~ texts | join(', ') ~ ' from ' ~ relation
        ~ " where regexp_contains(_table_suffix, r'^(intraday_|fresh_)?[0-9]{8}$')"
    }) }}
{%- endmacro %}
