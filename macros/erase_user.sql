{#- Prints the rows of seeds/erased_users.csv that erase a person; an operation. -#}
{% macro erase_user(app_id=none) %}
    {%- if not execute -%}{{ return('') }}{%- endif -%}
    {%- set id = env_var('ERASE_ID', '') | trim -%}
    {%- do _require(id, 'erase_user', "say whom in the environment variable ERASE_ID: what is given by --args is kept in dbt's logs") -%}
    {%- set event_log = load_relation(_relation_of('int_event_log')) -%}
    {%- do _require(event_log is not none, 'erase_user', 'there is no int_event_log: build the project first') -%}
    {%- do _require_hashes_as_built(_hash_settings()) -%}
    {#- the id itself is in no statement, since dbt keeps those, too -#}
    {%- set id_hash = local_md5(id) -%}
    {%- set stored_hash = _stored_hash("'" ~ id_hash ~ "'") -%}
    {%- set of_person, others = [], [] -%}
    {%- for column in ['user_id', 'device_id', 'customer_user_id'] -%}
        {%- do of_person.append(_erasable_hash(column) ~ " = " ~ stored_hash) -%}
        {%- do others.append("select app_id, " ~ _erasable_hash(column) ~ " as id_hash, '" ~ column ~ "' as kind from rows_of_person where "
            ~ column ~ " is not null") -%}
    {%- endfor -%}
    {%- set in_app = "coalesce(app_id, '') in (" ~ text_literal(app_id) ~ ", '')" if app_id else '1 = 1' -%}
    {%- set apps, lines, linked = {'': 0}, [], [] -%}
    {%- if app_id -%}{%- do apps.update({app_id: 0}) -%}{%- endif -%}
    {%- for app, count in run_query(
        "select coalesce(app_id, ''), count(*) from " ~ event_log ~ " where (" ~ of_person | join(' or ') ~ ") and " ~ in_app
        ~ " group by 1 order by 1"
    ) -%}{%- do apps.update({app: count | int}) -%}{%- endfor -%}
    {%- for app in apps | sort -%}{%- do lines.append(app ~ ',' ~ id_hash) -%}{%- endfor -%}
    {#- the id in a text that could not be read as it should -#}
    {%- for app, raw_row in run_query(
        "select distinct coalesce(app_id, ''), raw_row from " ~ event_log ~ " where raw_row is not null and " ~ in_app ~ " order by 1, 2"
    ) if id in raw_row -%}{%- do lines.append(app ~ ',' ~ local_md5(raw_row)) -%}{%- endfor -%}
    {%- for app, kind, other_hash, count in run_query(
        "with rows_of_person as (select * from " ~ event_log ~ " where (" ~ of_person | join(' or ') ~ ") and " ~ in_app
        ~ ") select coalesce(app_id, ''), min(kind), id_hash, count(*) from (" ~ others | join(' union all ')
        ~ ") as ids where id_hash <> " ~ stored_hash ~ " group by app_id, id_hash order by 1, 2, 3"
    ) -%}
        {%- do linked.append(app ~ ',' ~ other_hash ~ '   (' ~ kind ~ ', on ' ~ count ~ ' of these rows)') -%}
    {%- endfor -%}
    {%- do log("Rows of the event log with this id: " ~ apps.values() | sum ~ ". Add to seeds/erased_users.csv:", info=true) -%}
    {%- for line in lines -%}{%- do log(line, info=true) -%}{%- endfor -%}
    {%- if linked -%}
        {%- do log("Other ids on the same rows; add those that are this person's alone, without what is in brackets:", info=true) -%}
        {%- for line in linked | unique -%}{%- do log(line, info=true) -%}{%- endfor -%}
    {%- endif -%}
    {%- do log("Then build, and publish with publish.py --forget-previous (docs/privacy.md).", info=true) -%}
{% endmacro %}
