{#- 63- or 64-bit hash of some columns, the quickest that the engine has: for keys that never leave it. -#}
{% macro quick_hash(columns) -%}
    {{ return(adapter.dispatch('quick_hash', 'app_sessions')(columns)) }}
{%- endmacro %}

{% macro default__quick_hash(columns) -%}
    {{ hash63(columns | join(" || ':' || ")) }}
{%- endmacro %}

{% macro duckdb__quick_hash(columns) -%}
    cast(hash({{ columns | join(', ') }}) >> 1 as bigint)
{%- endmacro %}

{% macro spark__quick_hash(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}

{#- What quick_hash's numbers depend on: duckdb may change its hash() from version to version. -#}
{% macro quick_hash_version() -%}
    {{ return(adapter.dispatch('quick_hash_version', 'app_sessions')()) }}
{%- endmacro %}

{% macro default__quick_hash_version() -%}
    {{ return('1') }}
{%- endmacro %}

{% macro duckdb__quick_hash_version() -%}
    {{ return(run_query('select version()').rows[0][0] if execute else '') }}
{%- endmacro %}

{#- A value that is equal for rows with equal strings, nulls among them, and differs for others. -#}
{% macro fingerprint(columns) -%}
    {{ return(adapter.dispatch('fingerprint', 'app_sessions')(columns)) }}
{%- endmacro %}

{#- With lengths, so that no two rows give one text. -#}
{% macro default__fingerprint(columns) -%}
    {%- set parts = [] -%}
    {%- for column in columns -%}
        {%- do parts.append(
            "coalesce(cast(length(" ~ column ~ ") as " ~ dbt.type_string() ~ ") || ':' || " ~ column ~ ", '-')"
        ) -%}
    {%- endfor -%}
    {{ return(parts | join(' || ')) }}
{%- endmacro %}

{#- Tells nulls apart, too. -#}
{% macro duckdb__fingerprint(columns) -%}
    {{ return('hash(' ~ columns | join(', ') ~ ')') }}
{%- endmacro %}

{#- A number: to put the text together for each event took a fifth of the aggregation. -#}
{% macro spark__fingerprint(columns) -%}{{ spark__row_digest(columns, none) }}{%- endmacro %}

{#- A number of a row's columns, nulls included; `text` says the same as one text, for engines without such a hash. -#}
{% macro row_digest(columns, text) -%}
    {{ return(adapter.dispatch('row_digest', 'app_sessions')(columns, text)) }}
{%- endmacro %}

{% macro default__row_digest(columns, text) -%}{{ hash63(text) }}{%- endmacro %}

{#- hash63 would ask for the md5 of the whole text eight times. -#}
{% macro postgres__row_digest(columns, text) -%}hashtextextended({{ text }}, 0){%- endmacro %}

{% macro redshift__row_digest(columns, text) -%}{{ hash63(text) }}{%- endmacro %}

{% macro duckdb__row_digest(columns, text) -%}{{ quick_hash(columns) }}{%- endmacro %}

{#- xxhash64 passes over nulls: by itself it would not notice a value that moves to another column. -#}
{% macro spark__row_digest(columns, text) -%}
    xxhash64({{ columns | join(', ') }}
        {%- for column in columns %}, {{ column }} is null{% endfor %})
{%- endmacro %}
