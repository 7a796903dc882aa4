{#- A text of the form `2024-03-01` as a date; null where there is no such day. -#}
{% macro parse_date(text) -%}
    {{ return(adapter.dispatch('parse_date', 'app_sessions')(text)) }}
{%- endmacro %}

{% macro default__parse_date(text) -%}try_cast({{ text }} as date){%- endmacro %}

{% macro bigquery__parse_date(text) -%}safe_cast({{ text }} as date){%- endmacro %}

{% macro spark__parse_date(text) -%}cast({{ text }} as date){%- endmacro %}

{#- Databricks' own cast stops at a day that does not exist. -#}
{% macro databricks__parse_date(text) -%}try_cast({{ text }} as date){%- endmacro %}

{#- Before version 16 Postgres cannot ask whether a cast would do. -#}
{% macro postgres__parse_date(text) -%}cast({{ parse_timestamp(text, 'text') }} as date){%- endmacro %}
