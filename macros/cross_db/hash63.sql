{#- 63-bit hash of a text, the same on every engine. -#}
{% macro hash63(text) -%}
    {{ return(adapter.dispatch('hash63', 'app_sessions')(text)) }}
{%- endmacro %}

{% macro default__hash63(text) -%}{{ app_sessions._not_there('hash63') }}{%- endmacro %}

{#-
    9223372036854775807 = 2^63 - 1 clears the sign bit. DuckDB's own md5_number_lower goes by way of a text of 128 bits, at
    four times the cost.
-#}
{% macro duckdb__hash63(text) -%}
    cast((md5_number({{ text }}) >> 64) & 9223372036854775807 as bigint)
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
    (('x' || {{ app_sessions._md5_low_hex(text) }})::bit(64)::bigint & 9223372036854775807)
{%- endmacro %}

{% macro spark__hash63(text) -%}
    (cast(conv({{ app_sessions._md5_low_hex(text) }}, 16, -10) as bigint) & 9223372036854775807)
{%- endmacro %}

{#-
    From the two halves of those eight bytes, so that no number on the way needs more than 63 bits: what 2^31 leaves of
    the high half, times 2^32, plus the low half. `number` makes a number of eight hex digits, `$hex`.
-#}
{% macro _hash63_of_halves(text, number) -%}
    {%- set digest = dbt.hash(text) | trim -%}
    {%- set halves = [] -%}
    {%- for positions in [[31, 29, 27, 25], [23, 21, 19, 17]] -%}
        {%- set bytes = [] -%}
        {%- for position in positions -%}{%- do bytes.append('substr(' ~ digest ~ ', ' ~ position ~ ', 2)') -%}{%- endfor -%}
        {%- do halves.append(number.replace('$hex', bytes | join(' || '))) -%}
    {%- endfor -%}
    (mod({{ halves[0] }}, 2147483648) * 4294967296 + {{ halves[1] }})
{%- endmacro %}

{% macro snowflake__hash63(text) -%}
    {{ app_sessions._hash63_of_halves(text, "to_number($hex, 'XXXXXXXX')") }}
{%- endmacro %}

{% macro bigquery__hash63(text) -%}
    {{ app_sessions._hash63_of_halves(text, "cast('0x' || $hex as int64)") }}
{%- endmacro %}

{% macro redshift__hash63(text) -%}
    {{ app_sessions._hash63_of_halves(text, "strtol($hex, 16)") }}
{%- endmacro %}

{% macro trino__hash63(text) -%}
    {{ app_sessions._hash63_of_halves(text, "from_base($hex, 16)") }}
{%- endmacro %}
