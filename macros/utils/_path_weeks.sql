{#-
    Which weeks a touched run of `mart_session_paths` builds anew: `condition` of a week's Monday, `$week`, and `first`, the
    earliest or none. A week may differ where a session or event did; where what came after its sessions did, once that is known;
    where an outcome has become known, or is known no more; and any week, where an app's commonest events are others.
-#}
{% macro _stale_path_weeks() %}
    {%- set first = first_pending_change() -%}
    {%- set found = run_query(
        "select distinct kind, cast(week_start_date as " ~ dbt.type_string() ~ ") from ("
        ~ _doubtful_path_weeks(first) ~ ") as found order by 1, 2"
    ).rows -%}
    {%- set dates = {'any': [], 'since': [], 'week': []} -%}
    {%- for kind, week in found -%}{%- do dates[kind].append("cast('" ~ week ~ "' as date)") -%}{%- endfor -%}
    {%- if dates['any'] -%}{{ return({'condition': '1 = 1', 'first': none}) }}{%- endif -%}
    {%- set conditions = [] -%}
    {%- if dates['since'] -%}{%- do conditions.append('$week >= ' ~ dates['since'][0]) -%}{%- endif -%}
    {%- if dates['week'] -%}{%- do conditions.append('$week in (' ~ dates['week'] | join(', ') ~ ')') -%}{%- endif -%}
    {{ return({
        'condition': '(' ~ (conditions or ['1 = 0']) | join(' or ') ~ ')',
        'first': (dates['since'] + dates['week']) | min if conditions else none
    }) }}
{% endmacro %}

{#- The weeks that may differ, each with `week`, `since` (it and all later ones) or `any`. -#}
{% macro _doubtful_path_weeks(first) %}
    {%- set churn_days = var('churn_days') | int %}
    {%- set complete_until = 'completeness.events_complete_until' %}
    {%- set is_known = complete_until ~ ' >= ' ~ _plus_days('weeks.week_start_date', 6 + churn_days) %}
    with completeness as (

        select app_id, platform, events_complete_until
        from {{ ref('int_app_completeness') }}

    ),

    frequent_events as (

        {{ _frequent_path_events() }}

    ),

    built as (

        select distinct app_id, platform, week_start_date, is_complete, outcome <> 'not yet known' as is_known
        from {{ this }}

    ),

    -- first sessions that last beyond their week: what came after is known later than of others
    long_sessions as (

        select
            app_id,
            platform,
            {{ week_start('session_date') }} as week_start_date,
            max(end_date) as end_date
        from {{ ref('int_session_steps') }}
        where first_session_step = 1 and session_date < {{ _plus_days('week_end_date', -6) }}
        group by app_id, platform, {{ week_start('session_date') }}

    )

    select 'week' as kind, weeks.week_start_date
    from built as weeks
    left join completeness
        on weeks.app_id = completeness.app_id and weeks.platform = completeness.platform
    where
        weeks.is_complete <> coalesce({{ complete_until }} >= {{ _plus_days('weeks.week_start_date', 6) }}, false)
        or weeks.is_known <> coalesce({{ is_known }}, false)
    union all
    select 'week' as kind, weeks.week_start_date
    from long_sessions as weeks
    inner join completeness
        on weeks.app_id = completeness.app_id and weeks.platform = completeness.platform
    where {{ is_known }} and {{ complete_until }} < {{ _plus_days('weeks.end_date', churn_days) }}
    union all
    select 'any' as kind, cast(null as date) as week_start_date
    from (
        select app_id, event_name from frequent_events
        union all
        select distinct app_id, event_name from {{ this }}
    ) as shown
    where event_name <> '(other)'
    group by app_id, event_name
    having count(*) = 1
    {%- if first %}
    union all
    select 'since' as kind, {{ week_start(_touched_date(first)) }} as week_start_date
    {%- for week in [week_start('steps.session_date'), _plus_days('steps.week_end_date', -6)] %}
    union all
    select 'week' as kind, {{ week }} as week_start_date
    from {{ ref('int_session_steps') }} as steps
    inner join {{ touched_since('date') }} as touched
        on steps.user_key = touched.touched_key
    inner join completeness
        on steps.app_id = completeness.app_id and steps.platform = completeness.platform
    where
        steps.week_end_date >= {{ _plus_days(_touched_date(first), -churn_days) }}
        and steps.end_date >= {{ _plus_days('touched.touched_since', -churn_days) }}
        and {{ complete_until }} >= {{ _plus_days('steps.end_date', churn_days) }}
    {%- endfor %}
    {%- endif %}
{% endmacro %}

{#- Selects the events of an app that paths call by their names: the 20 that are in most steps. -#}
{% macro _frequent_path_events() %}
    select app_id, event_name
    from (
        select
            app_id,
            event_name,
            row_number() over (partition by app_id order by count(*) desc, {{ binary_text('event_name') }}) as place
        from {{ ref('int_session_steps') }}
        group by app_id, event_name
    ) as counted
    where place <= 20
{% endmacro %}
