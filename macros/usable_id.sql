{#- An id, or null where it stands for none: made only of `0`, `-`, `:` and braces, or an id that emulators share. -#}
{% macro usable_id(text) -%}
    case
        when {{ app_sessions.consists_of_zeros(text) }} then null
        -- an Android id that a whole line of emulators and phones shares, and the IMEI of the standard emulator
        when {{ text }} in ('9774d56d682e549c', '358240051111110') then null
        else {{ text }}
    end
{%- endmacro %}
