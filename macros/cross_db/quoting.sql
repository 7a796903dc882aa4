{#- The one place where a name or a value becomes part of a statement. -#}

{#- A name, quoted. -#}
{% macro identifier(name) -%}
    {{ return(adapter.dispatch('identifier', 'app_sessions')(name)) }}
{%- endmacro %}

{% macro default__identifier(name) -%}{{ return('"' ~ (name | string).replace('"', '""') ~ '"') }}{%- endmacro %}

{% macro bigquery__identifier(name) -%}
    {{ return('`' ~ (name | string).replace('\\', '\\\\').replace('`', '\\`') ~ '`') }}
{%- endmacro %}

{% macro spark__identifier(name) -%}{{ return('`' ~ (name | string).replace('`', '``') ~ '`') }}{%- endmacro %}

{#- A text, as a literal. -#}
{% macro text_literal(value) -%}
    {{ return(adapter.dispatch('text_literal', 'app_sessions')(value)) }}
{%- endmacro %}

{% macro default__text_literal(value) -%}{{ return("'" ~ (value | string).replace("'", "''") ~ "'") }}{%- endmacro %}

{#- Where a backslash in a literal says something of the next character. -#}
{% macro _escaped_literal(value) -%}
    {{ return("'" ~ (value | string).replace('\\', '\\\\').replace("'", "\\'") ~ "'") }}
{%- endmacro %}

{% macro bigquery__text_literal(value) -%}
    {{ return(_escaped_literal(value).replace('\n', '\\n').replace('\r', '\\r')) }}
{%- endmacro %}

{% macro spark__text_literal(value) -%}{{ return(_escaped_literal(value)) }}{%- endmacro %}

{% macro snowflake__text_literal(value) -%}{{ return(_escaped_literal(value)) }}{%- endmacro %}

{% macro redshift__text_literal(value) -%}{{ return(_escaped_literal(value)) }}{%- endmacro %}

{#- Texts as literals, with a comma between. -#}
{% macro _literals(values) -%}
    {%- set texts = [] -%}
    {%- for value in values -%}{%- do texts.append(text_literal(value)) -%}{%- endfor -%}
    {{ return(texts | join(', ')) }}
{%- endmacro %}

{#- Texts as a list of DuckDB's. -#}
{% macro _text_list(values) -%}{{ return('[' ~ _literals(values) ~ ']') }}{%- endmacro %}

{#- What stands after `in`; there has to be a value. -#}
{% macro _in_list(values) -%}{{ return('(' ~ _literals(values) ~ ')') }}{%- endmacro %}

{#- The alias of raw rows. Redshift reserves the word; elsewhere it stays, since the log notes a digest of how it reads. -#}
{% macro _raw_alias() -%}{{ return(adapter.dispatch('_raw_alias', 'app_sessions')()) }}{%- endmacro %}

{% macro default___raw_alias() -%}{{ return('raw') }}{%- endmacro %}

{% macro redshift___raw_alias() -%}{{ return('raw_input') }}{%- endmacro %}
