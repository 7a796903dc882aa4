{#-
    HMAC-SHA-256 by the key of the session, which is in no statement: profiles.yml gives it to the engine. The key is read by a
    query, not by an expression, since what is written out in a plan is also in an engine's profile of it.
-#}

{#- The HMAC-SHA-256 of a text by the key of the session, 64 hex digits, in a query that reads `id_key()` as `id_key`. -#}
{% macro keyed_hash(text) -%}
    {{ return(adapter.dispatch('keyed_hash', 'app_sessions')(text)) }}
{%- endmacro %}

{#- A relation of one row: `key_length`, bytes of the key that profiles.yml gives to the engine, 0 without one. -#}
{% macro id_key() -%}
    {{ return(adapter.dispatch('id_key', 'app_sessions')()) }}
{%- endmacro %}

{% macro _least_key_length() %}{{ return(32) }}{% endmacro %}

{% macro default__keyed_hash(text) -%}{{ app_sessions._no_id_key() }}{%- endmacro %}

{% macro default__id_key() -%}{{ app_sessions._no_id_key() }}{%- endmacro %}

{% macro _no_id_key() -%}
    {{ exceptions.raise_compiler_error(
        "hash_ids: " ~ adapter.type() ~ " takes a key only in a statement, which its history keeps. Leave hash_ids off, or use one of "
        ~ "DuckDB, DuckLake, Postgres, Spark and Databricks (docs/privacy.md)"
    ) }}
{%- endmacro %}

{% macro duckdb__keyed_hash(text) -%}
    sha256(id_key.outer_pad || unhex(sha256(id_key.inner_pad || encode({{ text }}))))
{%- endmacro %}

{% macro duckdb__id_key() -%}
    (
        select
            key_length,
            {%- for name, byte in {'inner_pad': '36', 'outer_pad': '5C'}.items() %}
            case when key_length between {{ app_sessions._least_key_length() }} and 64 then cast(
                xor(cast(unhex(rpad(hex(encode(key_text)), 128, '0')) as bit), cast(unhex(repeat('{{ byte }}', 64)) as bit)) as blob
            ) end as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from (
            select key_text, strlen(key_text) as key_length
            from (
                select coalesce(max(cast(value as varchar)), '') as key_text from duckdb_variables() where name = 'id_key'
            ) as variables
        ) as measured
    )
{%- endmacro %}

{% macro postgres__keyed_hash(text) -%}
    encode(sha256(id_key.outer_pad || sha256(id_key.inner_pad || convert_to({{ text }}, 'UTF8'))), 'hex')
{%- endmacro %}

{% macro redshift__keyed_hash(text) -%}{{ app_sessions._no_id_key() }}{%- endmacro %}

{% macro postgres__id_key() -%}
    (
        select
            octet_length(key_text) as key_length,
            {%- for name, byte in {'inner_pad': 54, 'outer_pad': 92}.items() %}
            case when octet_length(key_text) between {{ app_sessions._least_key_length() }} and 64 then (
                select string_agg(
                    set_byte(
                        '\x00'::bytea, 0,
                        get_byte(convert_to(key_text, 'UTF8') || decode(repeat('00', 64), 'hex'), place) # {{ byte }}
                    ), ''::bytea order by place
                )
                from generate_series(0, 63) as place
            ) end as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from (select coalesce(current_setting('app_sessions.id_key', true), '') as key_text offset 0) as settings
        offset 0
    )
{%- endmacro %}

{% macro redshift__id_key() -%}{{ app_sessions._no_id_key() }}{%- endmacro %}

{% macro spark__keyed_hash(text) -%}
    sha2(concat(id_key.outer_pad, unhex(sha2(concat(id_key.inner_pad, encode({{ text }}, 'UTF-8')), 256))), 256)
{%- endmacro %}

{% macro spark__id_key() -%}
    (
        select
            key_length,
            {%- for name, byte in {'inner_pad': 54, 'outer_pad': 92}.items() %}
            case when key_length between {{ app_sessions._least_key_length() }} and 64 then unhex(array_join(transform(
                sequence(1, 127, 2), place -> lpad(hex(cast(conv(substr(key_digits, place, 2), 16, 10) as int) ^ {{ byte }}), 2, '0')
            ), '')) end as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from (
            select octet_length(key_text) as key_length, rpad(hex(encode(key_text, 'UTF-8')), 128, '0') as key_digits
            from (
                {#- Java's text of a variable that is not there -#}
                select case when key_text = 'null' then '' else coalesce(key_text, '') end as key_text
                from (select {{ app_sessions._id_key_of_the_engine() }} as key_text) as given
            ) as keys
        ) as measured
    )
{%- endmacro %}

{% macro _id_key_of_the_engine() -%}{{ return(adapter.dispatch('_id_key_of_the_engine', 'app_sessions')()) }}{%- endmacro %}

{% macro default___id_key_of_the_engine() -%}{{ app_sessions._no_id_key() }}{%- endmacro %}

{#- Not folded into the plan: Spark takes what it calls in Java for another value each time. -#}
{% macro spark___id_key_of_the_engine() -%}reflect('java.lang.System', 'getenv', 'DBT_ENV_SECRET_ID_KEY'){%- endmacro %}

{% macro databricks___id_key_of_the_engine() -%}try_secret('app_sessions', 'id_key'){%- endmacro %}
