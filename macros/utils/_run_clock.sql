{#-
    The run's clock plus some days, as a literal. The one place where a clock has a say: it bounds
    when a row may claim to have been loaded (latest_load), and which loads move the cutoff
    (load_cutoffs) or count as the newest (check_freshness). No value of a table comes from it.
-#}
{% macro _run_clock(plus_days) -%}{{ return(_timestamp(_run_time(plus_days))) }}{%- endmacro %}

{#- The same as a text; maintain_tables takes it for the age of a table's versions. -#}
{% macro _run_time(plus_days) -%}
    {{ return((run_started_at + modules.datetime.timedelta(days=plus_days)).strftime('%Y-%m-%d %H:%M:%S')) }}
{%- endmacro %}
