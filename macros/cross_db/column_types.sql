{#-
    What dbt's own type names stand for. These are dbt's dispatched macros, which a project may implement: their
    defaults lose microseconds (Trino's timestamp has milliseconds), leave the type to the account's settings
    (Snowflake's timestamp) or cut text off (Redshift's text is varchar(256) in a table).
-#}
{% macro snowflake__type_timestamp() -%}timestamp_ntz(6){%- endmacro %}

{% macro trino__type_timestamp() -%}timestamp(6){%- endmacro %}

{% macro redshift__type_string() -%}varchar(65535){%- endmacro %}

{#- Columns of a contract, in the YAML's standard names, as the engine calls them. -#}
{% macro get_table_columns_and_constraints() -%}
    {%- for column in model.columns.values() -%}
        {%- do column.update({'data_type': column_type(column.data_type)}) -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('get_table_columns_and_constraints', 'dbt')()) }}
{%- endmacro %}

{#- The engine's name of a type that the YAML calls string, timestamp, double precision or by its standard name. -#}
{% macro column_type(name) -%}
    {{ return({
        'string': binary_text_type() | trim,
        'text': binary_text_type() | trim,
        'timestamp': dbt.type_timestamp() | trim,
        'double precision': type_double() | trim
    }.get(name | lower, name)) }}
{%- endmacro %}
