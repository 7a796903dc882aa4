{#- The columns of a table that is there, as `adapter.get_columns_in_relation` gives them; without a statement where dbt has read them. -#}
{% macro known_columns(relation) %}
    {{ return(adapter.dispatch('known_columns', 'app_sessions')(relation)) }}
{% endmacro %}

{% macro default__known_columns(relation) %}{{ return(adapter.get_columns_in_relation(relation)) }}{% endmacro %}

{% macro databricks__known_columns(relation) %}{{ return(default__known_columns(relation)) }}{% endmacro %}

{#-
    dbt-spark lists tables with their columns. Of Iceberg's they are right, but for the case of names, which is in a property of the
    table, and for nested types. Of Delta's the catalog has none.
-#}
{% macro spark__known_columns(relation) %}
    {%- set cached, columns, names = load_cached_relation(relation), [], {} -%}
    {%- set text = (cached.information or '') if cached else '' -%}
    {%- if 'table_type=ICEBERG' in text -%}
        {%- for name in modules.re.findall('"name":"([^"]+)","required"', text) -%}
            {%- do names.update({name | lower: name}) -%}
        {%- endfor -%}
        {%- for name, data_type in modules.re.findall('(?m)^ [|]-- (.*): (.*) [(]nullable = ', text) -%}
            {%- do columns.append(api.Column(names.get(name | lower, ''), data_type)) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set is_known = columns and '' not in columns | map(attribute='name')
        and not columns | map(attribute='data_type') | select('in', ['struct', 'array', 'map']) | list -%}
    {{ return(columns if is_known else adapter.get_columns_in_relation(relation)) }}
{% endmacro %}
