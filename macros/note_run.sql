{#- Writes to `state_runs` what a run did: a row for the run, and one for each node that changed something or did not go well. -#}
{% macro note_run(results) %}
    {%- if not execute or flags.WHICH not in ['run', 'build', 'retry'] or flags.EMPTY -%}{{ return('') }}{%- endif -%}
    {%- set runs = load_relation(_relation_of('state_runs')) -%}
    {%- set rows, times, bad = [], [], [] -%}
    {%- for result in results if result.node.package_name == 'app_sessions' and result.node.resource_type != 'operation' -%}
        {%- set status = result.status | string -%}
        {%- for timing in result.timing if timing.started_at and timing.completed_at -%}
            {%- do times.extend([timing.started_at, timing.completed_at]) -%}
        {%- endfor -%}
        {%- if status in ['error', 'fail', 'runtime error'] -%}{%- do bad.append(result.node.name) -%}{%- endif -%}
        {%- if not (status in ['skipped', 'pass', 'no-op'] or status == 'success' and result.message == 'none') -%}
            {#- an engine's message may quote a value -#}
            {%- do rows.append(_run_row(
                result.node.unique_id, status, none if 'error' in status else result.message,
                (result.timing | map(attribute='started_at') | select | list | sort)[:1], result.execution_time
            )) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not runs or not times -%}{{ return('') }}{%- endif -%}
    {%- do rows.append(_run_row(
        'run', 'error' if bad else 'success', results | length ~ ' nodes' ~ (', not well: ' ~ _named(bad) if bad else ''),
        [times | min], (times | max - times | min).total_seconds()
    )) -%}
    insert into {{ runs }} (invocation_id, node_id, command, status, message, started_at, execution_seconds)
    values {{ rows | join(', ') }}
{% endmacro %}

{% macro _run_row(node_id, status, message, started_at, seconds) %}
    {{ return('(' ~ [
        text_literal(invocation_id), text_literal(node_id), text_literal(flags.WHICH), text_literal(status),
        text_literal(message) if message else 'cast(null as ' ~ dbt.type_string() ~ ')',
        _timestamp(started_at[0].strftime('%Y-%m-%d %H:%M:%S')) if started_at else 'cast(null as ' ~ dbt.type_timestamp() ~ ')',
        as_decimal('%.3f' | format(seconds), 18, 3)
    ] | join(', ') ~ ')') }}
{% endmacro %}
