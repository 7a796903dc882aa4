{#- Parts of int_event_log: which of several rows with one id counts, and ids that no file or table has any more. -#}

{#- CTEs up to `ranked`: the rows whose id comes more than once, those that the log holds included, in their order. -#}
{% macro _ranked_copies(keyed, keyed_sql, judged_columns, plan, meets_known_keys) -%}
{%- set before = {'keyed': keyed} -%}
{%- if model.plan -%}{%- do model.plan.update({'has_kept_parts': true}) -%}{%- endif -%}
{%- if meets_known_keys -%}
{%- do before.update({'known_keys': computed_once('known_keys', _known_keys(keyed_sql, plan), before, is_part=true)}) -%}
known_keys as (

    {{ before.known_keys }}

),

{% endif -%}
{% set contested_keys -%}
    -- ids that come more than once; all other rows are accepted without a sort
    select event_key
    from keyed
    where rejection_reason is null
    group by event_key
    having count(*) > 1
    {%- if meets_known_keys %}
    union all
    select event_key
    from known_keys
    {%- endif %}
{%- endset -%}
{%- do before.update({'contested_keys': kept_for_statements('contested_keys', contested_keys, before)}) -%}
contested_keys as (

    {{ before.contested_keys }}

),

{% set contenders -%}
    select {{ judged_columns | join(', ') }}, 0 as is_known
    from keyed
    where event_key in (select contested_keys.event_key from contested_keys)
    {%- if meets_known_keys %}
    union all
    -- by its time, too, so that an engine can skip what it stores of other times
    select {% for column in judged_columns %}logged.{{ column }}, {% endfor %}1 as is_known
    from {{ this }} as logged
    inner join known_keys
        on logged.event_key = known_keys.event_key and logged.event_at = known_keys.event_at
    where logged.event_status = 'accepted'
    {%- endif %}
{%- endset -%}
{%- do before.update({'contenders': contenders}) -%}
contenders as (

    {{ contenders }}

),

{% set ranked -%}
    select
        *,
        row_number() over (partition by provider, app_id, event_id order by {{ _copy_order() }}, is_known desc) as copy_number
    from contenders
{%- endset -%}
ranked as (

    {{ kept_for_statements('ranked', ranked, before) }}

),
{%- endmacro %}

{#- A further select: of each id of which no row is left, one row that says so, as the last select has its columns. -#}
{% macro _ids_without_rows(columns, plan) %}
    union all
    -- ids of which no row is left
    select
        gone.provider, logged.event_key, gone.event_id, logged.user_key, logged.app_id, logged.platform, logged.user_id,
        logged.device_id, logged.customer_user_id, logged.vendor_session_id, logged.campaign_id, logged.event_name,
        logged.event_kind, logged.event_type, logged.country, logged.app_version, logged.os_version, logged.device_model,
        logged.channel, logged.currency, 'gone' as event_status, logged.rejection_reason, logged.left_out_reason,
        logged.file_name, logged.unparsable_columns, logged.noted_columns, logged.raw_row, logged.revenue,
        logged.ad_revenue_usd, logged.duration_seconds, logged.is_activity, logged.given_is_activity,
        logged.is_reengagement, false as is_superseded, true as is_contested, logged.event_at, logged.received_at, logged.loaded_at,
        logged.installed_at
    from ({{ computed_before('replaced_ids', _replaced_ids(columns, plan)) }}) as gone
    left join {{ this }} as logged
        on 1 = 0
    where not exists (select 1 from keyed where keyed.provider = gone.provider and keyed.event_id = gone.event_id)
{% endmacro %}
