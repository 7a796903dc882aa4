{#-
    What dbt's own type names stand for. These are dbt's dispatched macros, which a project may implement: their
    defaults lose microseconds (Trino's timestamp has milliseconds), leave the type to the account's settings
    (Snowflake's timestamp) or cut text off (Redshift's text is varchar(256) in a table).
-#}
{% macro snowflake__type_timestamp() -%}timestamp_ntz(6){%- endmacro %}

{% macro trino__type_timestamp() -%}timestamp(6){%- endmacro %}

{% macro redshift__type_string() -%}varchar(65535){%- endmacro %}

{#-
    dbt's two macros of contracts, in whatever order an adapter calls them: with the YAML's types as the engine's. Types
    are compared by casts, which know no collation.
-#}
{% macro get_assert_columns_equivalent(sql) -%}
    {%- do _name_column_types(dbt.type_string()) -%}
    {{ return(dbt.get_assert_columns_equivalent(sql)) }}
{%- endmacro %}

{% macro get_table_columns_and_constraints() -%}
    {%- do _name_column_types(binary_text_type()) -%}
    {{ return(dbt.get_table_columns_and_constraints()) }}
{%- endmacro %}

{% macro _name_column_types(text_type) -%}
    {%- for column in model.columns.values() -%}
        {%- do column.update({'data_type': column_type(column.data_type, text_type | trim)}) -%}
    {%- endfor -%}
{%- endmacro %}

{% macro column_type(name, text_type=none) -%}
    {%- set texts = ['string', 'text', 'varchar', dbt.type_string() | trim | lower, binary_text_type() | trim | lower] -%}
    {{ return((text_type or binary_text_type()) | trim if name | lower in texts else {
        'timestamp': dbt.type_timestamp() | trim,
        'double precision': type_double() | trim
    }.get(name | lower, name)) }}
{%- endmacro %}

{#- dbt's, to compare types by: BigQuery takes no digits in a cast, and tells none of a column. -#}
{% macro bigquery__get_empty_schema_sql(columns) %}
    select
        {%- for column in columns.values() %}
        cast(null as {{ modules.re.sub('[(].*', '', column.data_type) }}) as {{ column.name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (select 1 as nothing) as no_rows
    where 1 = 0
{% endmacro %}
