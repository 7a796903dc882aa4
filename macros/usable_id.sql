{#- Reference: macros/_macros.yml (usable_id). -#}
{% macro usable_id(text) -%}
    case
        when {{ app_sessions.consists_of_zeros(text) }} then null
        -- an Android id that a whole line of emulators and phones shares, and the IMEI of the standard emulator
        when {{ text }} in ('9774d56d682e549c', '358240051111110') then null
        else {{ text }}
    end
{%- endmacro %}
