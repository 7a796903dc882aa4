{#-
    The run's clock plus some days, as a literal. The one place where a clock has a say: it bounds
    when a row may claim to have been loaded (latest_load), and which loads move the cutoff
    (load_cutoffs) or count as the newest (check_freshness). No value of a table comes from it.
-#}
{% macro _run_clock(plus_days) -%}
    {%- set time = run_started_at + modules.datetime.timedelta(days=plus_days) -%}
    {{ return(_timestamp(time.strftime('%Y-%m-%d %H:%M:%S'))) }}
{%- endmacro %}
