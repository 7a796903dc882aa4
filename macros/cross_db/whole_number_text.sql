{#-
    A raw column as text: a whole number of a column of fractions without them, so that 123, 123.0 and 1.23e2 are one.
-#}
{% macro whole_number_text(column, data_type) -%}
    {%- set type = (data_type | lower).split('(')[0] | trim -%}
    {%- if type in [
        'double', 'float', 'real', 'double precision', 'float64', 'decimal', 'numeric', 'bignumeric', 'number', 'float4', 'float8'
    ] -%}
        {{ return(adapter.dispatch('whole_number_text', 'app_sessions')(column)) }}
    {%- elif _is_text(data_type) -%}
        {{ column }}
    {%- else -%}
        cast({{ column }} as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}

{% macro default__whole_number_text(column) -%}
    case
        when abs({{ column }}) < 1000000000000000000 and {{ column }} = floor({{ column }})
            then cast(cast({{ column }} as bigint) as {{ dbt.type_string() }})
        else cast({{ column }} as {{ dbt.type_string() }})
    end
{%- endmacro %}

{% macro bigquery__whole_number_text(column) -%}{{ default__whole_number_text(column).replace('bigint', 'int64') }}{%- endmacro %}

{% macro duckdb__whole_number_text(column) -%}
    case
        when try_cast({{ column }} as hugeint) = {{ column }} then cast(try_cast({{ column }} as hugeint) as varchar)
        else cast({{ column }} as varchar)
    end
{%- endmacro %}
