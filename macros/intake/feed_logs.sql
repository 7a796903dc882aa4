{#-
    Feeds that are no events, as tables of a warehouse: what a table says of a date takes the place of what was kept of it, and a
    date of which it holds no row any more keeps its last rows. Of files, state_file_rows keeps them.
-#}

{#- Whether rows of such feeds are kept in int_<feed>_log. -#}
{% macro _keeps_feed_logs() %}
    {{ return(var('raw_schema') is not none and not var('raw_path')) }}
{% endmacro %}

{#- All rows of a feed, also those that its raw input holds no more. -#}
{% macro _kept_rows_of_feed(feed) %}
    {%- if _keeps_feed_logs() -%}
    select * from {{ ref('int_' ~ feed ~ '_log') }}
    {%- else -%}
    {{ _rows_of_feed(feed) }}
    {%- endif -%}
{% endmacro %}

{#- Pre-hook of `fct_ad_spend` and `fct_ad_revenue`, which runs before all of them is built again. -#}
{% macro check_providers_are_read() %}
    {%- if execute and flags.WHICH in ['run', 'build', 'retry'] and not flags.FULL_REFRESH and not _keeps_feed_logs()
        and load_relation(this) -%}
        {%- for row in run_query(
            "select distinct provider from " ~ this ~ " where provider not in " ~ _in_list(var('providers')) ~ " order by 1"
        ) -%}
            {%- do _require(false, 'providers', "the database holds rows of " ~ model.name ~ " of provider '" ~ row[0]
                ~ "', which is no longer read: put it back into the variable providers, and into ended_providers if nothing comes"
                ~ " from it any more, or drop its rows with dbt build --full-refresh") -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(nothing_to_send()) }}
{% endmacro %}

{#- In a touched run of these two: which dates of the feed's tables differ from what was kept of them. -#}
{% macro find_changed_feed_dates(rows_sql) %}
    {%- if rebuild_scope() == 'touched' -%}
        {%- if not _has_tables_of(word=model.name.split('_')[2]) -%}
            {%- do model.plan.update({'changed_dates': {}, 'nothing_to_do': true}) -%}
            {{ return('') }}
        {%- endif -%}
        {%- set digest = "sum(" ~ as_decimal(hash63('row_digest'), 38, 0) ~ ")" -%}
        {%- set row_text = _row_text(known_columns(this)) -%}
        {%- set hashed = "(select provider, feed_date, " ~ dbt.hash(row_text) ~ " as row_digest from " -%}
        {%- set dates = {} -%}
        {%- for provider, date in run_query(
            "select provider, cast(feed_date as " ~ dbt.type_string() ~ ") from ("
            ~ "select provider, feed_date, count(*) as held_count, " ~ digest ~ " as held_digest, 0 as kept_count, 0 as kept_digest from "
            ~ hashed ~ "(" ~ rows_sql ~ ") as rows_now) as held group by provider, feed_date "
            ~ "union all select provider, feed_date, 0, 0, count(*), " ~ digest ~ " from "
            ~ hashed ~ this ~ ") as kept group by provider, feed_date) as both_sides group by provider, feed_date "
            ~ "having sum(held_count) > 0 and (sum(held_count) <> sum(kept_count) or sum(held_digest) <> sum(kept_digest))"
        ) -%}
            {%- do dates.setdefault(provider, []).append("cast('" ~ date[:10] ~ "' as date)") -%}
        {%- endfor -%}
        {%- do model.plan.update({'changed_dates': dates, 'nothing_to_do': not dates}) -%}
    {%- endif -%}
{% endmacro %}

{#- Whether a provider that is read has a table of the feed at all: `spend` or `revenue`. -#}
{% macro _has_tables_of(word) %}
    {%- for node in graph.sources.values() if node.source_name in var('providers') and word in node.name -%}
        {%- if load_relation(api.Relation.create(database=node.database, schema=node.schema, identifier=node.identifier)) -%}
            {{ return(true) }}
        {%- endif -%}
    {%- endfor -%}
    {{ return(false) }}
{% endmacro %}

{#- The statements of a touched run of int_<feed>_log: the dates that differ, anew. A run that is killed in between is repeated. -#}
{% macro change_feed_log(arg_dict) %}
    {%- set kept, rebuilt = arg_dict['target_relation'], arg_dict['temp_relation'] -%}
    {%- set conditions = [] -%}
    {%- for provider, dates in model.plan.changed_dates.items() -%}
        {%- do conditions.append("provider = " ~ text_literal(provider) ~ " and feed_date in (" ~ dates | join(', ') ~ ")") -%}
    {%- endfor -%}
    {%- set differs = '(' ~ conditions | join(') or (') ~ ')' -%}
    {%- set names = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name') | list) -%}
    {{ return(several_statements([
        "delete from " ~ kept ~ " where " ~ differs,
        "insert into " ~ kept ~ " (" ~ names ~ ") select " ~ names ~ " from " ~ rebuilt ~ " where " ~ differs
    ])) }}
{% endmacro %}

{#- Pre-hook of int_<feed>_log: a full refresh must not lose dates. -#}
{% macro check_feed_dates_are_kept() %}
    {%- if execute and flags.FULL_REFRESH and flags.WHICH in ['run', 'build', 'retry'] and not var('accept_lost_loads')
        and load_relation(this) -%}
        {%- set lost = [] -%}
        {%- for provider, date in run_query(
            "select distinct kept.provider, cast(kept.feed_date as " ~ dbt.type_string() ~ ") from " ~ this ~ " as kept left join ("
            ~ model.compiled_code ~ ") as held on kept.provider = held.provider and kept.feed_date = held.feed_date "
            ~ "where held.provider is null order by 1, 2"
        ) -%}
            {%- do lost.append(provider ~ ' on ' ~ date[:10]) -%}
        {%- endfor -%}
        {%- do _require(not lost, '--full-refresh', _gone_loads_message(lost, "date(s) of " ~ model.name ~ " in " ~ _input_name())) -%}
    {%- endif -%}
    {{ return(nothing_to_send()) }}
{% endmacro %}
