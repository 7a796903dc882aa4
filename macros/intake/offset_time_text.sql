{#-
    A time as text, its zone as an offset of the form +02:00, so that all engines read it alike: Z, UTC, GMT, and the
    abbreviations that mean one offset everywhere. Others (IST, CST, BST) stay, and are refused: each means several. A
    blank before the offset goes, seconds come where there are none.
-#}
{% macro offset_time_text(text) -%}
    {{ return(adapter.dispatch('offset_time_text', 'app_sessions')(text)) }}
{%- endmacro %}

{% macro default__offset_time_text(text) -%}
    {%- set digits_or_blank = "'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', ' '" -%}
    {%- set offsets = {
        'UTC': '+00:00', 'GMT': '+00:00', 'PST': '-08:00', 'PDT': '-07:00', 'EST': '-05:00', 'EDT': '-04:00', 'CET': '+01:00',
        'CEST': '+02:00', 'Z': '+00:00'
    } -%}
    case
        -- a date, a time without a zone, or a number: as it is
        when length({{ text }}) < 16 or {{ has_plain_time(text) }} then {{ text }}
        {%- for name, offset in offsets.items() %}
        when
            upper({{ text }}) like '%:__%{{ name }}'
            and substr(upper({{ text }}), length({{ text }}) - {{ name | length }}, 1) in ({{ digits_or_blank }})
            then {{ _with_seconds('trim(substr(' ~ text ~ ', 1, length(' ~ text ~ ') - ' ~ name | length ~ '))') }} || '{{ offset }}'
        {%- endfor %}
        {%- for form, cut in [
            ('%:__%+__:__', 6), ('%:__%-__:__', 6), ('%:__%+____', 5), ('%:__%-____', 5), ('%:__%+__', 3), ('%:__%-__', 3)
        ] %}
        when {{ text }} like '{{ form }}'
            then {{ _with_seconds('trim(substr(' ~ text ~ ', 1, length(' ~ text ~ ') - ' ~ cut ~ '))') }}
                || substr({{ text }}, length({{ text }}) - {{ cut - 1 }}, 3) || ':'
                || {{ "'00'" if cut == 3 else 'substr(' ~ text ~ ', length(' ~ text ~ ') - 1)' }}
        {%- endfor %}
        else {{ text }}
    end
{%- endmacro %}

{% macro _with_seconds(time) -%}
    case when length({{ time }}) = 16 then {{ time }} || ':00' else {{ time }} end
{%- endmacro %}
