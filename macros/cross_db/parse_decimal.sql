{#- Reference: macros/_macros.yml (parse_decimal). -#}
{% macro parse_decimal(column, data_type) -%}
    {{ return(adapter.dispatch('parse_decimal', 'app_sessions')(column, data_type)) }}
{%- endmacro %}

{% macro default__parse_decimal(column, data_type) -%}
    {{ exceptions.raise_compiler_error(
        "parse_decimal: no implementation for adapter '" ~ adapter.type()
        ~ "'; add one to macros/cross_db/parse_decimal.sql"
    ) }}
{%- endmacro %}

{#- Text goes through double only when it is not a plain decimal (1e-3); NaN and infinity become null. -#}
{% macro duckdb__parse_decimal(column, data_type) -%}
    {%- if _is_text(data_type) -%}
        coalesce(
            try_cast({{ column }} as decimal(18, 6)),
            case when isfinite(try_cast({{ column }} as double))
                then try_cast(try_cast({{ column }} as double) as decimal(18, 6)) end
        )
    {%- elif data_type | upper in ['DOUBLE', 'FLOAT', 'REAL'] -%}
        case when isfinite({{ column }}) then try_cast({{ column }} as decimal(18, 6)) end
    {%- elif data_type | upper in ['BOOLEAN', 'DATE', 'TIME', 'BLOB', 'INTERVAL']
        or (data_type | upper).startswith('TIMESTAMP') or '[' in data_type
        or '(' in data_type and not (data_type | upper).startswith('DECIMAL') -%}
        {#- no number at all -#}
        cast(null as decimal(18, 6))
    {%- else -%}
        try_cast({{ column }} as decimal(18, 6))
    {%- endif -%}
{%- endmacro %}
