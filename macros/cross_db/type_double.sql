{#- The name of the 8-byte floating-point type; `float` has 4 bytes on some engines, and 8 on others. -#}
{% macro type_double() -%}
    {{ return(adapter.dispatch('type_double', 'app_sessions')()) }}
{%- endmacro %}

{% macro default__type_double() -%}double precision{%- endmacro %}

{% macro bigquery__type_double() -%}float64{%- endmacro %}

{% macro databricks__type_double() -%}double{%- endmacro %}

{% macro spark__type_double() -%}double{%- endmacro %}
