{{ config(
    materialized='incremental',
    incremental_strategy='event_log',
    on_schema_change='ignore',
    meta={'computed': ['keyed', 'known_keys']},
    pre_hook=["{{ rekey_event_log() }}", "{{ announce_event_log() }}"],
    post_hook=["{{ record_event_log() }}", "{{ record_quick_hash() }}", "{{ refresh_statistics() }}"],
    indexes=lookup_indexes([['loaded_at'], ['event_at']]),
    **table_layout(date='event_at', keys=['user_key'])
) }}
{%- do one_snapshot() %}

-- depends_on: {{ ref('int_changes') }}
-- depends_on: {{ ref('int_changed_loads') }}
-- depends_on: {{ ref('int_watermarks') }}
{%- set columns = _event_columns() -%}
{%- set is_update = is_incremental() and execute -%}
{%- set cutoffs = load_cutoffs() if is_update else {} -%}
{%- set rejudged = check_event_log_settings() if is_update else none -%}
{%- set open = count_open_loads(this, cutoffs) if is_update else {'count': 1} %}

{%- set keyed_sql -%}
with

staged as {{ inline_cte() }} (

    {{ staged_events(columns, cutoffs, open) }}

),

{% if is_update %}
open_loads as (

    {{ open_loads(this, cutoffs, open.since) }}

),

opened as (

    {{ in_open_loads('staged') }}

),

arrived as (

    {{ not_yet_in_log('opened', this, columns, half_known=open.half_known) }}
    {%- if rejudged %}
    union all
    -- refused for a reason that has gone since
    select {{ columns | join(', ') }}
    from {{ this }}
    where event_status = 'rejected' and ({{ rejudged }})
    {%- endif %}

),
{% endif %}

checked as {{ inline_cte() if not is_update }} (

    {{ check_events('arrived' if is_update else 'staged', columns) }}

)

select
    *,
    case when rejection_reason is null then {{ quick_hash(['provider', 'app_id', 'event_id']) }} end as event_key
from checked
{%- endset %}
{%- set keyed = computed_once('keyed', keyed_sql, is_part=is_update) -%}
{%- set known_keys_sql -%}
select distinct logged.event_key, logged.event_at
from {{ this }} as logged
where logged.event_status = 'accepted' and logged.event_key in (select keyed.event_key from keyed)
{%- endset %}

with

keyed as {{ inline_cte() if not is_update }} (

    {{ keyed }}

),
{% if is_update %}
known_keys as (

    {{ computed_once('known_keys', known_keys_sql, {'keyed': keyed}, is_part=true) }}

),
{% endif %}
contested_keys as (

    -- ids that come more than once; all other rows are accepted without a sort
    select event_key
    from keyed
    where rejection_reason is null
    group by event_key
    having count(*) > 1
    {%- if is_update %}
    union all
    select event_key
    from known_keys
    {%- endif %}

),

contenders as (

    select {{ columns | join(', ') }}, event_type, is_activity, event_key, 0 as is_known
    from keyed
    where event_key in (select contested_keys.event_key from contested_keys)
    {%- if is_update %}
    union all
    -- by its time, too, so that an engine can skip what it stores of other times
    select {% for column in columns + ['event_type', 'is_activity', 'event_key'] %}logged.{{ column }}, {% endfor %}1 as is_known
    from {{ this }} as logged
    inner join known_keys
        on logged.event_key = known_keys.event_key and logged.event_at = known_keys.event_at
    where logged.event_status = 'accepted'
    {%- endif %}

),

ranked as (

    -- the earliest load wins, ties by content; of identical rows any
    select
        *,
        row_number() over (
            partition by provider, app_id, event_id
            order by
                loaded_at, {{ _content_hash() }},
                case when received_at is null then 1 else 0 end, received_at, is_known desc
        ) as copy_number
    from contenders

),

judged as (

    select
        {{ columns | join(', ') }}, event_type, is_activity, event_key,
        case when copy_number = 1 then 'accepted' else 'duplicate' end as event_status,
        cast(null as {{ dbt.type_string() }}) as rejection_reason,
        is_known
    from ranked
    where is_known = 0 or copy_number > 1
    union all
    select
        {{ columns | join(', ') }}, event_type, is_activity, event_key,
        case when rejection_reason is null then 'accepted' else 'rejected' end as event_status,
        rejection_reason,
        0 as is_known
    from keyed
    where rejection_reason is not null or event_key not in (select contested_keys.event_key from contested_keys)

),

final as (

    select
        ---------- ids
        provider,
        event_key,
        event_id,
        -- an md5: last, so that it is made once a row
        case when event_status <> 'rejected' then {{ user_key('app_id', 'platform', 'user_id') }} end as user_key,
        app_id,
        platform,
        user_id,
        device_id,
        customer_user_id,
        campaign_id,

        ---------- strings
        event_name,
        event_type,
        country,
        app_version,
        os_version,
        device_model,
        channel,
        currency,
        event_status,
        rejection_reason,
        unparsable_columns,
        raw_row,

        ---------- numerics
        revenue,
        ad_revenue_usd,
        duration_seconds,

        ---------- booleans
        is_activity,
        is_reengagement,
        {%- if is_update %}
        is_known = 1 as is_superseded,
        {%- endif %}

        ---------- timestamps
        event_at,
        received_at,
        loaded_at,
        installed_at
    from judged

)

select * from final
