{#-
    Ids as keyed hashes (the variable hash_ids). Rows of staging are hashed before anything is made of them, so that no table holds
    the ids, and nothing is made of an id without the key. What is hashed is the md5 of an id, not the id: so people are
    erased by the md5 of their ids, with the variable on or off, and the id is in no statement.
-#}

{#- Columns that hold an id of a person, or may: what an export calls an id of an event or a visit may be made of one. -#}
{% macro _hashed_columns() %}
    {{ return(['event_id', 'user_id', 'device_id', 'customer_user_id', 'vendor_session_id', 'raw_row']) }}
{% endmacro %}

{#- Rows of a provider's events as the log takes them; to be named by the caller. -#}
{% macro _staged_rows(provider, columns) %}
    {{ return(_without_erased(_with_hashed_ids(ref('stg_' ~ provider ~ '__events'), columns), columns)) }}
{% endmacro %}

{% macro _with_hashed_ids(rows, columns) %}
    {%- if not var('hash_ids') -%}{{ return(rows) }}{%- endif -%}
    {%- set texts = [] -%}
    {%- for column in columns -%}
        {%- set text = 'plain_rows.' ~ column -%}
        {%- do texts.append(keyed_hash(dbt.hash(text)) ~ ' as ' ~ column if column in _hashed_columns() else text) -%}
    {%- endfor -%}
    {{ return(
        '(select ' ~ texts | join(', ') ~ ' from ' ~ rows ~ ' as plain_rows cross join ' ~ id_key() ~ ' as id_key '
        ~ computed_here() ~ ')'
    ) }}
{% endmacro %}

{#- What erased_users has to say of a column's value for it to be erased. -#}
{% macro _erasable_hash(column) %}
    {{ return(column if var('hash_ids') else dbt.hash(column)) }}
{% endmacro %}

{#- Rows (app_id, id_hash) of erased people; where ids are hashed, id_hash may be the md5 of an id, or what the tables hold. -#}
{% macro _erased_ids() %}
    {%- set seed = "select coalesce(app_id, '') as app_id, id_hash from " ~ ref('erased_users') ~ " where id_hash is not null" -%}
    {%- if not var('hash_ids') -%}{{ return('(' ~ seed.replace('select', 'select distinct', 1) ~ ')') }}{%- endif -%}
    {{ return(
        '(' ~ seed ~ ' union select seed_rows.app_id, ' ~ keyed_hash('seed_rows.id_hash') ~ ' as id_hash from (' ~ seed
        ~ ') as seed_rows cross join ' ~ id_key() ~ ' as id_key)'
    ) }}
{% endmacro %}

{#- What the tables hold of an id of which the md5 is given. -#}
{% macro _stored_hash(id_hash) %}
    {%- if not var('hash_ids') -%}{{ return(id_hash) }}{%- endif -%}
    {{ return('(select ' ~ keyed_hash(id_hash) ~ ' from ' ~ id_key() ~ ' as id_key)') }}
{% endmacro %}

{#- A line that cannot be read, as state_file_rows keeps it. -#}
{% macro _kept_line(line) %}
    {{ return(_stored_hash(dbt.hash(line)) if var('hash_ids') else line) }}
{% endmacro %}

{#- By which key ids are hashed now: the beginning of the hash of a text that is no md5; none where ids are as they are. -#}
{% macro _id_key_digest() %}
    {%- if not var('hash_ids') -%}{{ return(none) }}{%- endif -%}
    {%- set length, digest = run_query(
        "select key_length, substr(" ~ keyed_hash("'app_sessions'") ~ ", 1, 16) from " ~ id_key() ~ " as id_key"
    ).rows[0] -%}
    {%- set least, most = _least_key_length(), 64 -%}
    {%- do _require(
        least <= length | int <= most, 'hash_ids', "a key of " ~ least ~ " to " ~ most ~ " bytes is needed, and there is "
        ~ ("one of " ~ length if length | int else "none")
        ~ ": put it into the environment variable DBT_ENV_SECRET_ID_KEY (on Postgres PGOPTIONS, on Databricks a secret: docs/privacy.md)"
    ) -%}
    {{ return(digest) }}
{% endmacro %}

{#- In a list, the text for _event_log_settings. -#}
{% macro _hash_settings() %}
    {%- set digest = _id_key_digest() -%}
    {{ return(['hash_ids=' ~ digest] if digest else []) }}
{% endmacro %}

{#- For on-run-start, before a run changes anything. -#}
{% macro _check_hash_ids() %}
    {%- if not execute or flags.WHICH not in ['run', 'build', 'retry'] -%}{{ return('') }}{%- endif -%}
    {%- set now = _hash_settings() -%}
    {%- if not flags.FULL_REFRESH -%}{%- do _require_hashes_as_built(now) -%}{%- endif -%}
{% endmacro %}

{#- What is there must have been built with ids as they are to be now, by the same key. -#}
{% macro _require_hashes_as_built(now) %}
    {%- set built_from = _model_states().get('int_event_log', {}).built_from -%}
    {%- if built_from -%}{%- do _require_same_hashes(built_from.split(_settings_separator()), now) -%}{%- endif -%}
{% endmacro %}

{#- The log does not hold the ids, so it cannot be judged again by another key. -#}
{% macro _require_same_hashes(settings, now) %}
    {%- set before = [] -%}
    {%- for text in settings if text.startswith('hash_ids=') -%}{%- do before.append(text) -%}{%- endfor -%}
    {%- do _require(
        before == now, 'hash_ids',
        "the tables hold " ~ (
            "hashes of ids by another key: give that one" if before and now
            else "hashes of ids: set hash_ids to true" if before else "ids as they are: set hash_ids to false"
        ) ~ ", or have all input read again by dbt build --full-refresh"
    ) -%}
{% endmacro %}
