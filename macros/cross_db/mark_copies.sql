{#-
    `meta.finished_by: macro`: a table that is built whole is written first, under another name, and finished by the
    macro's statement. int_event_log so finds copies in itself. Before it is written an engine would need its rows twice,
    and keep them in between: on DuckDB some 300 bytes an event.
-#}
{% macro is_finished_later() -%}
    {{ return(adapter.dispatch('is_finished_later', 'app_sessions')()) }}
{%- endmacro %}

{% macro default__is_finished_later() -%}{{ return(false) }}{%- endmacro %}

{#- Not in a lake, whose rows have no number to update them by; nor where dbt only compiles. -#}
{% macro duckdb__is_finished_later() -%}
    {{ return(model.config.meta.finished_by and model.plan and model.plan.scope == 'all' and not adapter.is_ducklake(this)) }}
{%- endmacro %}

{#- What a killed run left of such a table. -#}
{% macro drop_unfinished() -%}
    {{ return(adapter.dispatch('drop_unfinished', 'app_sessions')()) }}
{%- endmacro %}

{% macro default__drop_unfinished() -%}{{ nothing_to_send() }}{%- endmacro %}

{% macro duckdb__drop_unfinished() -%}drop table if exists {{ app_sessions._computed_table('unfinished') }}{%- endmacro %}

{#- Of rows with one id all but the first in order are duplicates. DuckDB only: see above. -#}
{% macro mark_copies(log) -%}
    update {{ log }}
    set event_status = 'duplicate'
    where rowid in (
        select copy_row
        from (
            select
                rowid as copy_row,
                row_number() over (partition by provider, app_id, event_id order by {{ _copy_order() }}) as copy_number
            from {{ log }}
            where
                event_status = 'accepted'
                and event_key in (
                    select event_key from {{ log }} where event_status = 'accepted' group by event_key having count(*) > 1
                )
        ) as ranked
        where copy_number > 1
    )
{%- endmacro %}
