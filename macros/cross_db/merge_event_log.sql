{#- change_event_log where no transaction holds several statements together: one `merge`. -#}

{#-
    One statement. The rows of the log that go are found by rows of their own (`reason`), so that what arrived matches
    nothing: 1 for a copy that an earlier load supersedes, 2, one row, for the refused rows that are judged again, 3 for
    an id of which all rows are replaced. What
    arrives has other column names than the log, which `rejudged` speaks of.
-#}
{% macro _merge_event_log(log, arrivals, columns, has_superseded, rejudged, replaces) -%}
    {%- set renamed -%}
        {%- for column in columns %}{{ adapter.quote(column) }} as arrived_{{ column | lower }}, {% endfor -%}
    {%- endset -%}
    {%- set matches = [] -%}
    {%- if has_superseded -%}
        {%- do matches.append(
            "arrived.reason = 1 and logged.event_status = 'accepted' and " ~ _same_event('logged', 'arrived', 'arrived_')
        ) -%}
    {%- endif -%}
    {%- if rejudged -%}
        {%- do matches.append("arrived.reason = 2 and logged.event_status = 'rejected' and (" ~ rejudged ~ ")") -%}
    {%- endif -%}
    {%- if replaces -%}
        {%- do matches.append(
            "arrived.reason = 3 and logged.provider = arrived.arrived_provider and logged.event_id = arrived.arrived_event_id"
        ) -%}
    {%- endif -%}
    {%- set merge -%}
    merge into {{ log }} as logged
    using (
        select {{ renamed }} 0 as reason from {{ arrivals }} as arrivals
        {{ "where event_status <> 'gone'" if replaces }}
        {%- if has_superseded %}
        union all
        select {{ renamed }} 1 as reason from {{ arrivals }} as arrivals where arrivals.is_superseded
        {%- endif %}
        {%- if rejudged %}
        union all
        select * from (select {{ renamed }} 2 as reason from {{ arrivals }} as arrivals limit 1) as any_arrival
        {%- endif %}
        {%- if replaces %}
        union all
        select
            {%- for column in columns %}
            {{ 'arrived_' ~ column | lower if column | lower in ['provider', 'event_id'] else dbt.any_value('arrived_' ~ column | lower) }},
            {%- endfor %}
            3 as reason
        from (select {{ renamed }} 0 as reason from {{ arrivals }} as arrivals) as ids
        group by arrived_provider, arrived_event_id
        {%- endif %}
    ) as arrived
        on ({{ matches | join(') or (') }})
    when matched then delete
    when not matched and arrived.reason = 0 then insert ({{ get_quoted_csv(columns) }})
    values (
        {%- for column in columns %}
        arrived.arrived_{{ column | lower }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
    {%- endset -%}
    {{ return([merge]) }}
{%- endmacro %}

{% macro snowflake__change_event_log(log, arrivals, columns, has_superseded, rejudged, replaces) -%}
    {{ return(_merge_event_log(log, arrivals, columns, has_superseded, rejudged, replaces)) }}
{%- endmacro %}

{% macro bigquery__change_event_log(log, arrivals, columns, has_superseded, rejudged, replaces) -%}
    {{ return(_merge_event_log(log, arrivals, columns, has_superseded, rejudged, replaces)) }}
{%- endmacro %}

{% macro databricks__change_event_log(log, arrivals, columns, has_superseded, rejudged, replaces) -%}
    {{ return(_merge_event_log(log, arrivals, columns, has_superseded, rejudged, replaces)) }}
{%- endmacro %}

{#-
    One statement, as _merge_event_log, but joined by columns, since Spark would compare every row with every other. The
    rows that are judged again are found by their provider and id, and by `rejudged` once more.
-#}
{% macro spark__change_event_log(log, arrivals, columns, has_superseded, rejudged, replaces) -%}
    {%- set names = [] -%}
    {%- for column in columns -%}{%- do names.append(adapter.quote(column) ~ ' as arrived_' ~ column) -%}{%- endfor -%}
    {%- set merge -%}
    merge into {{ log }} as logged
    using (
        select {{ names | join(', ') }}, 'none' as gone_status from {{ arrivals }} as arrivals
        {{ "where event_status <> 'gone'" if replaces }}
        {%- if has_superseded %}
        union all
        select {{ names | join(', ') }}, 'accepted' as gone_status from {{ arrivals }} as arrivals where is_superseded
        {%- endif %}
        {%- if replaces %}
        union all
        select
            {%- for column in columns %}
            {{ column if column in ['provider', 'event_id'] else 'null' }},
            {%- endfor %}
            'any' as gone_status
        from {{ arrivals }}
        group by provider, event_id
        {%- endif %}
        {%- if rejudged %}
        union all
        select
            {%- for column in columns %}
            {{ column if column in ['provider', 'event_id'] else 'null' }},
            {%- endfor %}
            'rejected' as gone_status
        from {{ log }}
        where event_status = 'rejected' and ({{ rejudged }})
        group by provider, event_id
        {%- endif %}
    ) as arrived
        on
            (logged.event_status = arrived.gone_status or arrived.gone_status = 'any')
            and logged.provider = arrived.arrived_provider
            and logged.event_id = arrived.arrived_event_id
            and (
                arrived.gone_status = 'accepted' and logged.app_id = arrived.arrived_app_id
                or arrived.gone_status = 'any'
                {%- if rejudged %}
                or arrived.gone_status = 'rejected' and ({{ rejudged }})
                {%- endif %}
            )
    when matched then delete
    when not matched and arrived.gone_status = 'none' then insert ({{ get_quoted_csv(columns) }})
    values (
        {%- for column in columns %}
        arrived.arrived_{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    )
    {%- endset -%}
    {{ return([merge]) }}
{%- endmacro %}

{% macro trino__change_event_log(log, arrivals, columns, has_superseded, rejudged, replaces) -%}
    {{ return(_merge_event_log(log, arrivals, columns, has_superseded, rejudged, replaces)) }}
{%- endmacro %}
