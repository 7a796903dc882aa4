{#-
    What this run has to do for the calling model: {scope, reason, definition, inputs, changed (names of inputs), after
    and until (which changes it consumes), row (what to note)}.
-#}
{% macro _plan_run(existing) %}
    {%- set meta = model.config.meta or {} -%}
    {%- set is_there = existing is not none and existing.is_table -%}
    {%- set plan = {'notes_state': false, 'notes_content': false, 'row': {}, 'inputs': {}, 'changed': []} -%}
    {%- do plan.update({'computed': [], 'computed_from': {}}) -%}
    {%- if invocation_args_dict.get('empty') or meta.filled_by -%}
        {#- what --empty makes has no definition: the next run builds it -#}
        {%- set mine = none if meta.filled_by or meta.changed_by or is_there else _model_states().get(model.name) -%}
        {%- if mine -%}{%- do plan.update({'notes_state': true, 'definition': none, 'row': mine}) -%}{%- endif -%}
        {{ return(_decided(plan, 'none', 'none') if is_there else _decided(plan, 'all', 'new')) }}
    {%- elif meta.changed_by -%}
        {{ return(_decided(plan, 'touched', 'touched') if is_there and not should_full_refresh()
            else _decided(plan, 'all', 'full refresh' if is_there else 'new')) }}
    {%- endif -%}
    {%- set states = _model_states() -%}
    {%- set mine = states.get(model.name) -%}
    {%- set known = _noted(mine) -%}
    {%- set by_row = _changes_by_row(model) -%}
    {%- set handled = meta.handles or [] -%}
    {%- set inputs = _inputs(model, states) -%}
    {%- set until = [] -%}
    {%- set rebuild_counts = [] -%}
    {%- set found = inputs.contents -%}
    {%- for name, node in inputs['tables'].items() -%}
        {%- set row = states.get(name) or {'last_change_seq': 0, 'rebuild_count': 0, 'built_from': ''} -%}
        {%- set is_consumed = _changes_by_row(node) and not node.config.meta.notes_changes -%}
        {%- if is_consumed -%}
            {%- do until.append(row.last_change_seq) -%}
            {%- do rebuild_counts.append(row.rebuild_count) -%}
        {%- endif -%}
        {%- do found.update({name:
            row.rebuild_count if by_row and _changes_by_row(node) and name not in handled
            else row.rebuild_count ~ '.' ~ row.last_change_seq if is_consumed
            else _noted(row).get('content')
        }) -%}
    {%- endfor -%}
    {%- do plan.update({
        'notes_state': true,
        'notes_content': not by_row or meta.notes_changes,
        'definition': local_md5(definition_of(compiled_code) ~ tojson(inputs.views, sort_keys=true) ~ _declared()),
        'inputs': found,
        'docs': _descriptions(),
        'known': known,
        'known_row': mine,
        'after': mine.last_change_seq if mine else 0,
        'until': until | min if until else 0,
    }) -%}
    {%- for name in found if found[name] is none or known.inputs and known.inputs.get(name) != found[name] -%}
        {%- do plan.changed.append(name) -%}
    {%- endfor -%}
    {%- set not_handled = plan.changed | reject('in', handled) | list -%}
    {%- set reason =
        'new' if not is_there
        else 'full refresh' if should_full_refresh()
        else 'its state is not known' if not known.definition
        else 'its SQL changed' if known.definition != plan.definition
        else _named(not_handled | sort) ~ (
            ' changed' if found[not_handled[0]] is not integer else ' was rebuilt' if not_handled | length == 1 else ' were rebuilt'
        ) if not_handled
        else none
    -%}
    {#- rows that differ for what it handles by itself have no number of a change by which others could know them -#}
    {%- set counts_as_rebuild = reason or by_row and plan.changed and not (meta.notes_changes or meta.grows) -%}
    {%- do plan.update({'row': {
        'last_change_seq': plan.until,
        'rebuild_count': (mine.rebuild_count if mine else 0) + (1 if counts_as_rebuild else 0),
        'upstream_rebuild_count': rebuild_counts | sum if by_row else 0
    }}) -%}
    {%- if reason -%}
        {{ return(_decided(plan, 'all', reason)) }}
    {%- elif by_row and (plan.until > plan.after or plan.changed) -%}
        {{ return(_decided(plan, 'touched', 'touched')) }}
    {%- endif -%}
    {{ return(_decided(plan, 'none', 'none')) }}
{% endmacro %}

{#- "a", "a and b", "a, b and 3 more" -#}
{% macro _named(names) %}
    {{ return(names[:2] | join(', ' if names | length > 2 else ' and ')
        ~ (' and ' ~ (names | length - 2) ~ ' more' if names | length > 2 else '')) }}
{% endmacro %}

{% macro _plan_view(existing) %}
    {%- set states = _model_states() -%}
    {#- a view keeps the names of databases that it was made with -#}
    {%- set inputs = {'names': local_md5(compiled_code)} -%}
    {%- for unique_id in model.depends_on.nodes -%}
        {%- set name = unique_id.split('.')[-1] -%}
        {%- if name in states -%}{%- do inputs.update({name: _noted(states[name]).get('definition')}) -%}{%- endif -%}
    {%- endfor -%}
    {%- set known = _noted(states.get(model.name)) -%}
    {%- set is_there = existing is not none and existing.is_view -%}
    {%- set plan = {
        'notes_state': not invocation_args_dict.get('empty'), 'definition': definition_of(compiled_code), 'inputs': inputs,
        'docs': none if invocation_args_dict.get('empty') else _descriptions(), 'known': known, 'known_row': states.get(model.name),
        'row': {'last_change_seq': 0, 'rebuild_count': 0, 'upstream_rebuild_count': 0}
    } -%}
    {%- set reason =
        none if is_there and invocation_args_dict.get('empty')
        else 'new' if not is_there
        else 'full refresh' if should_full_refresh()
        else 'its SQL changed' if known.definition != plan.definition
        else 'what it reads has other columns or another name' if known.inputs != inputs
        else none
    -%}
    {{ return(_decided(plan, 'all' if reason else 'none', reason or 'none')) }}
{% endmacro %}

{% macro _decided(plan, scope, reason) %}
    {%- do plan.update({'scope': scope, 'reason': scope ~ ', ' ~ reason if scope == 'all' else reason}) -%}
    {{ return(plan) }}
{% endmacro %}

{#- Whether an input that the model handles by itself (`meta.handles`) has other rows than when the model was built. -#}
{% macro has_new_content(name) %}
    {{ return(model.plan and name in model.plan.changed) }}
{% endmacro %}
