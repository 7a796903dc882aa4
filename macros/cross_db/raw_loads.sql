{#- Reference: macros/_macros.yml (raw_loads). -#}
{% macro raw_loads(provider) -%}
    {{ return(adapter.dispatch('raw_loads', 'app_sessions')(provider)) }}
{%- endmacro %}

{% macro default__raw_loads(provider) -%}
    {{ return(raw_input(provider, 'events')) }}
{%- endmacro %}

{#- Lines that cannot be read are passed over: to refuse them is the event log's work, not that of a look at the newest. -#}
{% macro duckdb__raw_loads(provider) -%}
    {%- if not var('raw_path') -%}
        {{ return(raw_input(provider, 'events')) }}
    {%- endif -%}
    {%- set folder = _raw_folder(provider, 'events') -%}
    {%- set parts = [] -%}
    {%- for group in _duckdb_parquet_groups(folder, []) -%}
        {%- do parts.append({'sql': "select * from read_parquet(" ~ _duckdb_list(group.files) ~ ")", 'columns': group.columns}) -%}
    {%- endfor -%}
    {%- for group in _duckdb_csv_groups(folder, []) -%}
        {%- set files = group.files | map(attribute='name') | list -%}
        {%- do parts.append({
            'sql': "select * from " ~ _duckdb_read_csv(group, files, ', ignore_errors = true'), 'columns': group.columns
        }) -%}
    {%- endfor -%}
    {{ return(_duckdb_united(parts) if parts else {'sql': 'select 1 as nothing where 1 = 0', 'columns': {}}) }}
{%- endmacro %}
