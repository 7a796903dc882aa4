{#-
    The run's clock plus some days, as a literal. The one place where a clock has a say: it bounds
    when a row may claim to have been loaded (latest_load), and which loads move the cutoff
    (load_cutoffs) or count as the newest (check_freshness), and which files are looked at once more. No value of a table comes from it.
-#}
{% macro _run_clock(plus_days) -%}
    {%- set time = run_started_at + modules.datetime.timedelta(days=plus_days) -%}
    {{ return(_timestamp(time.strftime('%Y-%m-%d %H:%M:%S'))) }}
{%- endmacro %}

{#- Seconds since 1970 when this is asked: a file written in the second of a listing may change once more without a trace. -#}
{% macro _this_second() %}
    {{ return(modules.datetime.datetime.now(modules.pytz.utc).timestamp() | int) }}
{% endmacro %}
