{#-
    Before a table gets other SQL than is noted: makes the note void, so that who is killed before the new one builds it again, even
    if the edit is taken back meanwhile.
-#}
{% macro doubt_note() %}
    {{ return(adapter.dispatch('doubt_note', 'app_sessions')()) }}
{% endmacro %}

{#- A transaction holds table and note together. -#}
{% macro default__doubt_note() %}{% endmacro %}

{% macro databricks__doubt_note() %}{{ return(_doubt_note()) }}{% endmacro %}

{% macro snowflake__doubt_note() %}{{ return(_doubt_note()) }}{% endmacro %}

{% macro bigquery__doubt_note() %}{{ return(_doubt_note()) }}{% endmacro %}

{% macro trino__doubt_note() %}{{ return(_doubt_note()) }}{% endmacro %}

{#- Notes of all others are doubted anyhow (unfinished_run.sql). -#}
{% macro spark__doubt_note() %}
    {%- if _changes_by_row(model) -%}{%- do _doubt_note() -%}{%- endif -%}
{% endmacro %}

{% macro _doubt_note() %}
    {%- set known = model.plan.known_row -%}
    {%- if known and model.plan.notes_state and model.plan.known.definition not in [none, model.plan.definition] -%}
        {%- call statement('doubt') -%}
            {{ _write_model_state(known.last_change_seq, known.rebuild_count, known.upstream_rebuild_count, '') }}
        {%- endcall -%}
    {%- endif -%}
{% endmacro %}
