{#-
    Whether a model's statements, its hooks and the creation of its
    table are one transaction. Where they are not, each statement must leave something that the next run repairs.
-#}
{% macro has_transactions() -%}
    {{ return(adapter.dispatch('has_transactions', 'app_sessions')()) }}
{%- endmacro %}

{% macro default__has_transactions() -%}{{ return(true) }}{%- endmacro %}

{% macro snowflake__has_transactions() -%}{{ return(false) }}{%- endmacro %}

{% macro bigquery__has_transactions() -%}{{ return(false) }}{%- endmacro %}

{% macro databricks__has_transactions() -%}{{ return(false) }}{%- endmacro %}

{% macro trino__has_transactions() -%}{{ return(false) }}{%- endmacro %}

{#- What a hook says that has nothing to do: where it opens the transaction that is committed afterwards, a statement all the same. -#}
{% macro nothing_to_send() -%}
    {{ return(adapter.dispatch('nothing_to_send', 'app_sessions')()) }}
{%- endmacro %}

{% macro default__nothing_to_send() -%}{{ return('select 1') }}{%- endmacro %}

{% macro spark__nothing_to_send() -%}{{ return('') }}{%- endmacro %}

{% macro databricks__nothing_to_send() -%}{{ return('select 1') }}{%- endmacro %}

{#- Several statements of an incremental strategy, as the adapter takes them: one text, or a list. -#}
{% macro several_statements(statements) -%}
    {{ return(adapter.dispatch('several_statements', 'app_sessions')(statements)) }}
{%- endmacro %}

{% macro default__several_statements(statements) -%}
    {{ return(statements | join(';\n')) }}
{%- endmacro %}

{% macro databricks__several_statements(statements) -%}
    {{ return(statements) }}
{%- endmacro %}

{% macro spark__has_transactions() -%}{{ return(false) }}{%- endmacro %}

{% macro spark__several_statements(statements) -%}
    {{ return(statements) }}
{%- endmacro %}
