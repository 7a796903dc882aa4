{#- Reference: macros/_macros.yml (hash63). -#}
{% macro hash63(text) -%}
    {{ return(adapter.dispatch('hash63', 'app_sessions')(text)) }}
{%- endmacro %}

{% macro default__hash63(text) -%}
    {{ exceptions.raise_compiler_error(
        "hash63: no implementation for adapter '" ~ adapter.type()
        ~ "'; add one to macros/cross_db/hash63.sql"
    ) }}
{%- endmacro %}

{#- 9223372036854775807 = 2^63 - 1 clears the sign bit. -#}
{% macro duckdb__hash63(text) -%}
    cast(md5_number_lower({{ text }}) & 9223372036854775807 as bigint)
{%- endmacro %}

{#- The last eight bytes of the digest, least significant byte first, as hex. -#}
{% macro _md5_low_hex(text) -%}
    concat(
        {%- for position in [31, 29, 27, 25, 23, 21, 19, 17] %}
        substr(md5({{ text }}), {{ position }}, 2){{ ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}

{% macro postgres__hash63(text) -%}
    (('x' || {{ _md5_low_hex(text) }})::bit(64)::bigint & 9223372036854775807)
{%- endmacro %}

{% macro spark__hash63(text) -%}
    (cast(conv({{ _md5_low_hex(text) }}, 16, -10) as bigint) & 9223372036854775807)
{%- endmacro %}
