{#- Reference: macros/_macros.yml (check_engine). -#}
{% macro check_engine() -%}
    {{ return(adapter.dispatch('check_engine', 'app_sessions')()) }}
{%- endmacro %}

{% macro default__check_engine() -%}{%- endmacro %}

{#- Spark's results depend on settings of the session, which profiles.yml makes; a cluster may not allow it. -#}
{% macro spark__check_engine() -%}
    {%- if execute -%}
        {%- for name, value in {
            'spark.sql.session.timeZone': 'UTC',
            'spark.sql.decimalOperations.allowPrecisionLoss': 'false',
            'spark.sql.parser.escapedStringLiterals': 'false'
        }.items() -%}
            {%- set found = run_query('set ' ~ name).rows[0][1] | string -%}
            {%- do _require(
                found | lower == value | lower, 'the Spark setting ' ~ name,
                "must be " ~ value ~ ", got '" ~ found ~ "': set it on the cluster, or in server_side_parameters of profiles.yml"
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
