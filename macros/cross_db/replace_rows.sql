{#- Statements, one where the engine has no transactions, that put what was rebuilt in the place of a table's stale rows. -#}
{% macro replace_rows(table, rebuilt, columns, keys, is_stale, keeps_equal) %}
    {{ return(adapter.dispatch('replace_rows', 'app_sessions')(table, rebuilt, columns, keys, is_stale, keeps_equal)) }}
{% endmacro %}

{#- Two statements, which need a transaction around them. -#}
{% macro default__replace_rows(table, rebuilt, columns, keys, is_stale, keeps_equal) %}
    {%- set condition = is_stale.replace('$row', table | string) if is_stale -%}
    delete from {{ table }}
    {%- if keeps_equal %}
    where
        {% if condition -%}
        {{ condition }}
        and {% endif -%}
        not exists (
            select 1 from {{ rebuilt }} as rebuilt
            where
                {%- for column in columns %}
                {{ 'and ' if not loop.first -}}
                {%- if column in keys -%}
                rebuilt.{{ column }} = {{ table }}.{{ column }}
                {%- else -%}
                {{ is_same('rebuilt.' ~ column, table ~ '.' ~ column) }}
                {%- endif -%}
                {%- endfor %}
        )
    {%- elif condition %}
    where {{ condition }}
    {%- endif %};
    insert into {{ table }} ({{ get_quoted_csv(columns) }})
    select {{ get_quoted_csv(columns) }} from {{ rebuilt }} as rebuilt
    {%- if keeps_equal %}
    where not exists (
        select 1 from {{ table }} as kept
        where
            {%- for key in keys %}
            {{ 'and ' if not loop.first }}kept.{{ key }} = rebuilt.{{ key }}
            {%- endfor %}
    )
    {%- endif %}
{% endmacro %}

{#- One statement: these have no transaction around several, or dbt does not use it. -#}
{% macro _merge_rows(table, rebuilt, columns, keys, is_stale) %}
    {%- set same_key = [] -%}
    {%- for key in keys -%}{%- do same_key.append('kept.' ~ key ~ ' = rebuilt.' ~ key) -%}{%- endfor -%}
    {%- set differences = [] -%}
    {%- for column in columns if column | lower not in keys -%}
        {%- set name = adapter.quote(column) -%}
        {%- do differences.append('not (' ~ is_same('kept.' ~ name, 'rebuilt.' ~ name) ~ ')') -%}
    {%- endfor -%}
    merge into {{ table }} as kept
    using (
        select {{ get_quoted_csv(columns) }}, false as is_gone from {{ rebuilt }} as rebuilt
        union all
        select {{ get_quoted_csv(columns) }}, true as is_gone
        from {{ table }} as kept
        where
            {% if is_stale -%}
            {{ is_stale.replace('$row', 'kept') }}
            and {% endif -%}
            not exists (select 1 from {{ rebuilt }} as rebuilt where {{ same_key | join(' and ') }})
    ) as rebuilt
        on {{ same_key | join(' and ') }}
    when matched and rebuilt.is_gone then delete
    when matched and ({{ differences | join(' or ') }}) then update set
        {%- for column in columns if column | lower not in keys %}
        {{ adapter.quote(column) }} = rebuilt.{{ adapter.quote(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
    when not matched then insert ({{ get_quoted_csv(columns) }})
    values (
        {%- for column in columns %}
        rebuilt.{{ adapter.quote(column) }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
{% endmacro %}

{% macro snowflake__replace_rows(table, rebuilt, columns, keys, is_stale, keeps_equal) %}
    {{ return(_merge_rows(table, rebuilt, columns, keys, is_stale)) }}
{% endmacro %}

{% macro bigquery__replace_rows(table, rebuilt, columns, keys, is_stale, keeps_equal) %}
    {{ return(_merge_rows(table, rebuilt, columns, keys, is_stale)) }}
{% endmacro %}

{% macro databricks__replace_rows(table, rebuilt, columns, keys, is_stale, keeps_equal) %}
    {{ return(_merge_rows(table, rebuilt, columns, keys, is_stale)) }}
{% endmacro %}

{% macro trino__replace_rows(table, rebuilt, columns, keys, is_stale, keeps_equal) %}
    {{ return(_merge_rows(table, rebuilt, columns, keys, is_stale)) }}
{% endmacro %}

{% macro spark__replace_rows(table, rebuilt, columns, keys, is_stale, keeps_equal) %}
    {{ return(_merge_rows(table, rebuilt, columns, keys, is_stale)) }}
{% endmacro %}
