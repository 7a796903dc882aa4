{% macro _rebuild_touched() %}
    {%- set plan = model.plan -%}
    {%- set table = this.incorporate(type='table') -%}
    {%- set changed_by = model.config.meta.changed_by -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- set sql = _rendered_sql() -%}
    {%- if plan.nothing_to_do -%}
        {%- do plan.update({'scope': 'none', 'reason': 'none'}) -%}
        {{ run_hooks(post_hooks, inside_transaction=True) }}
        {%- do adapter.commit() -%}
        {{ return('') }}
    {%- endif -%}
    {%- set rebuilt = make_rebuilt(sql) -%}
    {%- set columns = adapter.get_columns_in_relation(table) -%}
    {%- if changed_by -%}
        {%- set statements = context[changed_by]({
            'target_relation': table, 'temp_relation': rebuilt, 'unique_key': none, 'dest_columns': columns
        }) -%}
        {%- if statements == 'select 1' -%}
            {%- do plan.update({'scope': 'none', 'reason': 'none'}) -%}
            {%- if not nothing_to_send() -%}{%- set statements = [] -%}{%- endif -%}
        {%- endif -%}
    {%- else -%}
        {%- do plan.update({'reason': _touched_reason()}) -%}
        {%- set names = columns | map(attribute='name') | list -%}
        {%- do _count_lost_rows(table, rebuilt, names) -%}
        {%- set statements = several_statements(
            _noted_changes(table, rebuilt, names)
            + [replace_rows(
                table, rebuilt, names, _unique_key(), plan.stale.replace('$rebuilt', rebuilt | string),
                plan.get('keeps_equal', true)
            )]
            + ([] if plan.notes_content else [write_state()])
        ) -%}
    {%- endif -%}
    {%- for statement_sql in ([statements] if statements is string else statements) -%}
        {%- call statement('main') -%}{{ statement_sql }}{%- endcall -%}
    {%- endfor -%}
    {%- if plan.notes_content -%}
        {#- a digest of the rows as they are now -#}
        {%- call statement('state') -%}{{ write_state() }}{%- endcall -%}
    {%- endif -%}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do adapter.commit() -%}
    {%- do drop_rebuilt(rebuilt) -%}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
{% endmacro %}

{% macro _unique_key() %}
    {%- set key = model.config.unique_key -%}
    {{ return([key] if key is string else key) }}
{% endmacro %}

{#- Of a table whose rows are only added (`meta.grows`): one row less, or another, counts as built anew. -#}
{% macro _count_lost_rows(table, rebuilt, columns) %}
    {%- if model.config.meta.grows -%}
        {%- set lost = run_query(
            "select count(*) from " ~ table ~ " as kept where not exists (select 1 from " ~ rebuilt ~ " as rebuilt where "
            ~ _are_equal('kept', 'rebuilt', _unique_key(), columns) ~ ")"
        ).rows[0][0] | int -%}
        {%- if lost -%}{%- do model.plan.row.update({'rebuild_count': model.plan.row.rebuild_count + 1}) -%}{%- endif -%}
    {%- endif -%}
{% endmacro %}

{#- Plain equality of the keys, never null, lets an engine join by them. -#}
{% macro _are_equal(left, right, keys, columns=[]) -%}
    {%- for key in keys -%}
        {{ left }}.{{ key }} = {{ right }}.{{ key }}{{ ' and ' if not loop.last }}
    {%- endfor -%}
    {%- for column in columns if column | lower not in keys %}
        and {{ is_same(left ~ '.' ~ adapter.quote(column), right ~ '.' ~ adapter.quote(column)) }}
    {%- endfor -%}
{%- endmacro %}
