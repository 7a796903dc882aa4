{#- A trimmed text; null where it is blank or one of `nulls`. -#}
{% macro known_text(text, nulls=none) -%}
    {{ return(adapter.dispatch('known_text', 'app_sessions')(text, null_texts() if nulls is none else nulls)) }}
{%- endmacro %}

{% macro default__known_text(text, nulls) -%}
    {%- if nulls -%}
        case
            when {{ text }} = '' then null
            when length({{ text }}) <= 9 and lower({{ text }}) in {{ _in_list(nulls) }} then null
            else {{ text }}
        end
    {%- else -%}
        nullif({{ text }}, '')
    {%- endif -%}
{%- endmacro %}

{#- Short, as a view's text has to be there: rebuild_view.sql. -#}
{% macro spark__known_text(text, nulls) -%}
    if(lower({{ text }}) in {{ _in_list([''] + nulls) }}, null, {{ text }})
{%- endmacro %}

{% macro databricks__known_text(text, nulls) -%}{{ default__known_text(text, nulls) }}{%- endmacro %}
