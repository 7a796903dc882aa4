{#- The select of a CTE that is read again; where an engine would compute it each time, a table is made of it before, once a model. -#}
{% macro computed_once(name, sql, ctes={}, is_part=false, is_plain=false) -%}
    {{ return(adapter.dispatch('computed_once', 'app_sessions')(name, sql, ctes, is_part, is_plain)) }}
{%- endmacro %}

{% macro default__computed_once(name, sql, ctes, is_part, is_plain) -%}{{ return(sql) }}{%- endmacro %}

{#-
    Where a part meets all of history DuckDB does not foresee which of them is small: it has put 100 million keys of the
    log into a hash table, to look up a million. Of a table it knows.
-#}
{% macro duckdb__computed_once(name, sql, ctes, is_part, is_plain) -%}
    {%- if not model.plan or model.plan.nothing_to_do or not is_part -%}
        {{ return(sql) }}
    {%- endif -%}
    {%- set made = app_sessions._made_before(name, sql, ctes) -%}
    {%- set table = app_sessions._computed_temporary(made.name) -%}
    {%- if made.is_new -%}{%- do app_sessions._make_temporary(table, app_sessions._after_ctes(sql, ctes)) -%}{%- endif -%}
    {{ return('select * from ' ~ table) }}
{%- endmacro %}

{#-
    The name under which the model's run keeps a select, and whether it is new: what is asked for twice is made once, and a second
    select of the same name (a model may sessionize two relations) gets a number.
-#}
{% macro _made_before(name, sql, ctes) -%}
    {%- set text, names = sql ~ ctes | tojson, [name] -%}
    {%- set known = model.plan.computed_from -%}
    {%- for number in range(2, 100) -%}
        {%- if known.get(names[-1], text) != text -%}{%- do names.append(name ~ '_' ~ number) -%}{%- endif -%}
    {%- endfor -%}
    {%- set is_new = names[-1] not in known -%}
    {%- do known.update({names[-1]: text}) -%}
    {{ return({'name': names[-1], 'is_new': is_new}) }}
{%- endmacro %}

{#-
    Commits at once: a table that is of the same transaction DuckDB reads on one core (docs/surprises.md). Until then a model has
    written nothing else, and what other models note meanwhile it does not read again (pending_changes).
-#}
{% macro _make_temporary(table, sql) -%}
    {%- call statement('temporary') -%}create or replace temporary table {{ table }} as {{ sql }}{%- endcall -%}
    {%- do adapter.commit() -%}
    {%- do model.plan.computed.append(table) -%}
{%- endmacro %}

{#-
    Spark and Trino write a CTE out wherever it is read, with all that it reads: of sessions some hundred times. So it
    becomes a table before, which the model's materialization drops; one that a killed run left is replaced.
-#}
{% macro spark__computed_once(name, sql, ctes, is_part, is_plain) -%}
    {#- columns of one table are read again as fast as a copy of them -#}
    {{ return(sql if is_plain else app_sessions._computed_in_a_table(name, sql, ctes)) }}
{%- endmacro %}

{% macro trino__computed_once(name, sql, ctes, is_part, is_plain) -%}
    {{ return(app_sessions._computed_in_a_table(name, sql, ctes)) }}
{%- endmacro %}

{% macro _computed_in_a_table(name, sql, ctes) -%}
    {%- if not model.plan or model.plan.nothing_to_do -%}
        {{ return(sql) }}
    {%- endif -%}
    {%- set made = app_sessions._made_before(name, sql, ctes) -%}
    {%- set table = app_sessions._scratch_table(made.name) -%}
    {%- if made.is_new -%}
        {%- do run_query(app_sessions._create_or_replace(table) ~ app_sessions._after_ctes(sql, ctes)) -%}
        {%- do model.plan.computed.append(table) -%}
    {%- endif -%}
    {{ return('select * from ' ~ table) }}
{%- endmacro %}

{% macro _create_or_replace(table) -%}
    {{ return('create or replace table ' ~ table ~ (' using ' ~ model.config.file_format if model.config.file_format else '') ~ ' as ') }}
{%- endmacro %}

{#- A CTE's query: `{% call computed_step(name, before) %}query{% endcall %}`. macros/_macros.yml (computed_step). -#}
{% macro computed_step(name, before, is_kept=true) -%}
    {%- set sql = app_sessions.computed_once(name, caller(), before) if is_kept else caller() -%}
    {%- do before.update({name: sql}) -%}
    {{ sql }}
{%- endmacro %}

{#- The select of what `computed_once` has made, for statements that follow. -#}
{% macro computed_before(name, sql) -%}
    {{ return(adapter.dispatch('computed_before', 'app_sessions')(name, sql)) }}
{%- endmacro %}

{% macro default__computed_before(name, sql) -%}{{ return(sql) }}{%- endmacro %}

{% macro duckdb__computed_before(name, sql) -%}{{ return('select * from ' ~ app_sessions._computed_temporary(name)) }}{%- endmacro %}

{% macro spark__computed_before(name, sql) -%}{{ return(app_sessions._computed_in_a_table_before(name, sql)) }}{%- endmacro %}

{% macro trino__computed_before(name, sql) -%}{{ return(app_sessions._computed_in_a_table_before(name, sql)) }}{%- endmacro %}

{#- A unit test has no table of its own. -#}
{% macro _computed_in_a_table_before(name, sql) -%}
    {{ return('select * from ' ~ app_sessions._scratch_table(name) if this else sql) }}
{%- endmacro %}

{% macro databricks__computed_before(name, sql) -%}{{ return(sql) }}{%- endmacro %}

{% macro _computed_temporary(name) -%}{{ return('temp.main.' ~ this.identifier ~ '__' ~ name) }}{%- endmacro %}

{% macro _after_ctes(sql, ctes) -%}
    {%- set before = [] -%}
    {%- for cte, query in ctes.items() -%}{%- do before.append(cte ~ ' as (' ~ query ~ ')') -%}{%- endfor -%}
    {{ return(('with ' ~ before | join(', ') if before else '') ~ ' select * from (' ~ sql ~ ') as computed') }}
{%- endmacro %}

{% macro _computed_table(name) -%}
    {{ return(this.incorporate(path={'identifier': this.identifier ~ '__' ~ name}, type='table')) }}
{%- endmacro %}

{% macro databricks__computed_once(name, sql, ctes, is_part, is_plain) -%}{{ return(sql) }}{%- endmacro %}

{#- As computed_once, on DuckDB alone: of what several statements of a run read, or must find as it was. -#}
{% macro kept_for_statements(name, sql, ctes={}) -%}
    {{ return(adapter.dispatch('kept_for_statements', 'app_sessions')(name, sql, ctes)) }}
{%- endmacro %}

{% macro default__kept_for_statements(name, sql, ctes) -%}{{ return(sql) }}{%- endmacro %}

{% macro duckdb__kept_for_statements(name, sql, ctes) -%}
    {{ return(app_sessions.computed_once(name, sql, ctes, is_part=true)) }}
{%- endmacro %}

{#- Materialization of a view that one query reads many times: a table where the engine would compute it each time. -#}
{% macro view_read_often() -%}
    {{ return(adapter.dispatch('view_read_often', 'app_sessions')()) }}
{%- endmacro %}

{% macro default__view_read_often() -%}{{ return('tracked_view') }}{%- endmacro %}

{#- A view, too, is written out wherever it is read, and a query may have so many stages and no more. -#}
{% macro trino__view_read_often() -%}{{ return('tracked') }}{%- endmacro %}
