{#- At the start of a materialization, where two runs at a time are possible: all that it reads from then on is of one moment. -#}
{% macro one_snapshot() -%}
    {{ return(adapter.dispatch('one_snapshot', 'app_sessions')()) }}
{%- endmacro %}

{% macro default__one_snapshot() -%}{%- endmacro %}

{#-
    A model asks what it has to do, and does it afterwards: of another run that commits in between Postgres would show
    the second half. With one snapshot two runs at a time are as good as one after the other, or
    one of them fails.

    And the planner's two habits that cost minutes here: it expects one row of a join of several columns where there are
    thousands, and loops through one table for each row of the other; and compiles the casts of staging (JIT), which
    takes longer than they do.
-#}
{% macro postgres__one_snapshot() -%}
    {%- if execute -%}
        {%- do run_query(
            'commit; begin isolation level repeatable read; set local enable_nestloop = off; set local jit = off'
        ) -%}
    {%- endif -%}
{%- endmacro %}

{% macro redshift__one_snapshot() -%}{%- endmacro %}
