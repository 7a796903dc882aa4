{#-
    Where each statement takes a second and leaves files behind (Spark), the notes of views and of tables that are built whole are
    written by one statement at the end of a run (`finish_writing`). So a run that writes says so first, by the row `unfinished_run`
    of state_models, which that statement deletes. Who finds the row takes no such note for true: the table may be newer than its
    note. Without the row each is true: one whose table was to change, and that was not noted anew, is written as unknown.
-#}

{#-
    Before the table or view of the calling model changes. Where no transaction holds it and its note together, the note of another
    SQL is void first: who is killed before the new note builds it again, even if the edit is taken back meanwhile.
-#}
{% macro begin_writing() %}
    {{ return(adapter.dispatch('begin_writing', 'app_sessions')()) }}
{% endmacro %}

{% macro default__begin_writing() %}{% endmacro %}

{% macro databricks__begin_writing() %}{{ return(_doubt_own_note()) }}{% endmacro %}

{% macro snowflake__begin_writing() %}{{ return(_doubt_own_note()) }}{% endmacro %}

{% macro bigquery__begin_writing() %}{{ return(_doubt_own_note()) }}{% endmacro %}

{% macro trino__begin_writing() %}{{ return(_doubt_own_note()) }}{% endmacro %}

{% macro spark__begin_writing() %}
    {%- set cache, states = run_cache(), _relation_of('state_models') -%}
    {%- if load_relation(states) is none -%}{{ return('') }}{%- endif -%}
    {%- set mine = _model_states().get(model.name) -%}
    {%- if not cache.is_writing -%}
        {%- call statement('unfinished') -%}
            {{ write_row(states, 'model_name', {
                'model_name': "'unfinished_run'", 'last_change_seq': 0, 'rebuild_count': 0, 'upstream_rebuild_count': 0,
                'built_from': text_literal(invocation_id)
            }) }}
        {%- endcall -%}
        {%- do cache.update({'is_writing': true}) -%}
    {%- endif -%}
    {%- if _changes_by_row(model) -%}
        {%- do _doubt_own_note() -%}
    {%- elif mine -%}
        {%- do _note_later(model.name, dict(mine, built_from='')) -%}
    {%- endif -%}
{% endmacro %}

{% macro _doubt_own_note() %}
    {%- set plan = model.plan or {} -%}
    {%- set known = plan.known_row -%}
    {%- if known and plan.notes_state and plan.known.definition not in [none, plan.definition] -%}
        {%- call statement('doubt') -%}
            {{ _write_model_state(known.last_change_seq, known.rebuild_count, known.upstream_rebuild_count, '') }}
        {%- endcall -%}
    {%- endif -%}
{% endmacro %}

{% macro _note_later(name, row) %}
    {%- do run_cache().setdefault('waiting', {}).update({name: row}) -%}
{% endmacro %}

{#- Notes the state of the calling model, whose table or view has just been made. -#}
{% macro note_state() %}
    {{ return(adapter.dispatch('note_state', 'app_sessions')()) }}
{% endmacro %}

{% macro default__note_state() %}
    {%- call statement('state') -%}{{ write_state() }}{%- endcall -%}
{% endmacro %}

{% macro databricks__note_state() %}{{ return(default__note_state()) }}{% endmacro %}

{% macro spark__note_state() %}
    {%- if _changes_by_row(model) or not model.plan.notes_state or not run_cache().is_writing -%}
        {{ return(default__note_state()) }}
    {%- endif -%}
    {%- set row = _state_to_note() -%}
    {%- do model.plan.update({'writes': {model.name: row}}) -%}
    {%- do _note_later(model.name, row) -%}
{% endmacro %}

{#- What state_models holds, of which the notes that an unfinished run may have overtaken say nothing; at a run's start. -#}
{% macro _without_doubtful_notes(states) %}
    {%- if states.pop('unfinished_run', none) -%}
        {%- set by_row = ['quick_hash'] -%}
        {%- for node in graph.nodes.values() if node.resource_type == 'model' and _changes_by_row(node) -%}
            {%- do by_row.append(node.name) -%}
        {%- endfor -%}
        {%- for name, row in states.items() if name not in by_row -%}
            {%- do row.update({'built_from': ''}) -%}
            {#- also of those that this run does not build -#}
            {%- do _note_later(name, row) -%}
        {%- endfor -%}
        {%- do run_cache().update({'is_writing': true}) -%}
        {%- if flags.WHICH in ['run', 'build', 'retry'] -%}{%- do drop_scratch_tables() -%}{%- endif -%}
    {%- endif -%}
    {{ return(states) }}
{% endmacro %}

{#- At the end of a run: the notes that wait, and that it is finished, in one statement. -#}
{% macro finish_writing() %}
    {%- if not execute or flags.WHICH not in ['run', 'build', 'retry'] or not run_cache().is_writing -%}{{ return('') }}{%- endif -%}
    {%- set rows = ["('unfinished_run', 0, 0, 0, '', true)"] -%}
    {%- for name, row in run_cache().get('waiting', {}).items() -%}
        {%- do rows.append('(' ~ [
            text_literal(name), row.last_change_seq, row.rebuild_count, row.upstream_rebuild_count, text_literal(row.built_from), 'false'
        ] | join(', ') ~ ')') -%}
    {%- endfor -%}
    {%- set columns = ['last_change_seq', 'rebuild_count', 'upstream_rebuild_count', 'built_from'] -%}
    merge into {{ _relation_of('state_models') }} as kept
    using (
        select * from values {{ rows | join(', ') }} as notes (model_name, {{ columns | join(', ') }}, is_gone)
    ) as notes
        on kept.model_name = notes.model_name
    when matched and notes.is_gone then delete
    when matched then update set
        {%- for column in columns %} {{ column }} = notes.{{ column }}{{ ',' if not loop.last }}{% endfor %}
    when not matched and not notes.is_gone then insert (model_name, {{ columns | join(', ') }})
    values (notes.model_name, notes.{{ columns | join(', notes.') }})
{% endmacro %}
