{#- At the start of each run: raises a compiler error that names a setting of the session without which the results would be wrong. -#}
{% macro check_engine() -%}
    {{ return(adapter.dispatch('check_engine', 'app_sessions')()) }}
{%- endmacro %}

{% macro default__check_engine() -%}{%- endmacro %}

{#- Spark's results depend on settings of the session, which profiles.yml makes; a cluster may not allow it. -#}
{% macro spark__check_engine() -%}
    {%- if execute -%}
        {#- in one statement: a product of decimals says whether they keep their digits -#}
        {%- set found = asked_rows(_engine_query())[0] -%}
        {%- for name, value, is_set in [
            ('spark.sql.session.timeZone', 'UTC', found[0] | lower in ['utc', 'etc/utc']),
            ('spark.sql.decimalOperations.allowPrecisionLoss', 'false', found[1] == 'decimal(38,20)'),
            ('spark.sql.parser.escapedStringLiterals', 'false', found[2] | int == 1)
        ] -%}
            {%- do _require(
                is_set, 'the Spark setting ' ~ name,
                "must be " ~ value ~ ": set it on the cluster, or in server_side_parameters of profiles.yml"
            ) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}

{% macro _engine_query() %}
    {{ return(
        "select current_timezone() as zone, typeof(cast(1 as decimal(38, 10)) * cast(1 as decimal(38, 10))) as product, "
        ~ "length('\\\\') as backslashes"
    ) }}
{% endmacro %}

{#- A SQL warehouse has no settings of Spark's, so what they do is looked at. Of decimals: docs/engines.md. -#}
{% macro databricks__check_engine() -%}
    {%- if execute -%}
        {%- set found = run_query("select current_timezone() as time_zone, length('\\\\') as backslashes").rows[0] -%}
        {%- do _require(
            found[0] | string | lower in ['utc', 'etc/utc'], 'the time zone of the session',
            "must be UTC, got '" ~ found[0] ~ "': set it in session_properties of profiles.yml"
        ) -%}
        {%- do _require(
            found[1] | int == 1, 'the Spark setting spark.sql.parser.escapedStringLiterals', 'must be false: set it on the cluster'
        ) -%}
    {%- endif -%}
{%- endmacro %}

{#- What a macro says that this engine has no form of. -#}
{% macro _not_there(name) -%}
    {{ exceptions.raise_compiler_error(
        name ~ ": no implementation for adapter '" ~ adapter.type() ~ "': add " ~ adapter.type() ~ '__' ~ name
        ~ ' beside the others in macros/cross_db/'
    ) }}
{%- endmacro %}
