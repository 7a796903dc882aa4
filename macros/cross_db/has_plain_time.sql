{#- Whether what follows the tenth character of a text is a time of day without a zone. -#}
{% macro has_plain_time(text) -%}
    {{ return(adapter.dispatch('has_plain_time', 'app_sessions')(text)) }}
{%- endmacro %}

{% macro default__has_plain_time(text) -%}
    (
        substr({{ text }}, 11, 1) in (' ', 'T')
        and translate({{ text }}, '+zZaA', '') = {{ text }}
        and translate(substr({{ text }}, 12), '0123456789:.', '') = ''
    )
{%- endmacro %}

{#- A seventh of the time. -#}
{% macro duckdb__has_plain_time(text) -%}
    regexp_full_match({{ text }}, '[^+zZaA]{10}[ T][0-9:.]*')
{%- endmacro %}
