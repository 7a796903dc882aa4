{{ config(**table_layout(date='cohort_start_date', keys=['app_id', 'campaign_id'])) }}
{%- set min_users = _least_campaign_users() %}
{%- set counts = [
    'tracked_installs', 'mature_installs', 'inferred_installs', 'no_session_users', 'd0_users', 'd1_users', 'd7_users',
    'returned_users', 'heavy_users', 'identifiable_users', 'users_without_device_id', 'session_count', 'app_open_count'
] %}
{#- A reason needs all of the 95 % interval beyond its line: nobody should lose a partner by chance. -#}
{%- set suspicions = {
    'installs without a session': 'no_session_rate_lower > 0.1',
    'more opens than organic users ever have': 'heavy_user_rate_lower > 0.05',
    'no device id, more than twice as often as organic users': 'without_device_id_rate_lower > 2 * organic_without_device_id_rate_upper',
    'a quarter or more of the installs in one hour': 'peak_hour_rate_lower > 0.25'
} %}
{%- set weaknesses = {
    'back within a week less than half as often as organic users': '1 - one_day_rate_lower < 0.5 * (1 - organic_one_day_rate_upper)',
    'D1 retention below half of organic': 'd1_retention_rate_upper < 0.5 * organic_d1_retention_rate_lower',
    'D7 retention below half of organic': 'd7_retention_rate_upper < 0.5 * organic_d7_retention_rate_lower',
    'sessions per install below half of the paid median': 'sessions_per_install_upper < 0.5 * paid_median_sessions_per_install',
    'length per install below half of the paid median': 'length_per_install_seconds_upper < 0.5 * paid_median_length_per_install_seconds'
} %}
with

reasoned as (

    select
        *,
        {%- for kind, reasons in {'suspicion': suspicions, 'weakness': weaknesses}.items() %}
        {% for reason, condition in reasons.items() -%}
        case when {{ condition }} then '; {{ reason }}' else '' end{{ ' ||' if not loop.last }}
        {% endfor -%}
        as {{ kind }}_text,
        {%- endfor %}
        -- so many that a rate like organic's could not be taken for half of it
        case
            when organic_d1_retention_rate > 0
                then greatest(
                    {{ min_users }},
                    ceil(4 * {{ _z_95() }} * {{ _z_95() }} * (1 - organic_d1_retention_rate) / organic_d1_retention_rate)
                )
        end as needed_users
    from {{ ref('int_campaign_rates') }}

),

judged as (

    select
        *,
        case
            when is_organic then 'organic'
            when mature_installs < {{ min_users }} then 'too few users'
            when suspicion_text <> '' then 'suspicious'
            when weakness_text <> '' then 'weak'
            when needed_users is null then 'nothing to compare with'
            when mature_installs < needed_users then 'too few users'
            else 'sound'
        end as verdict
    from reasoned

),

final as (

    select
        ---------- ids
        {{ mart_key(['app_id', 'platform', 'channel', 'campaign_id', 'cohort_start_date']) }} as campaign_quality_id,
        app_id,
        platform,
        campaign_id,

        ---------- strings
        channel,
        verdict,
        case
            when verdict in ('suspicious', 'weak') then substring(suspicion_text || weakness_text, 3)
        end as reasons,

        ---------- numerics
        {%- for measure in counts %}
        cast({{ measure }} as bigint) as {{ measure }},
        {%- endfor %}
        case
            when not is_organic
                then cast(greatest(coalesce(needed_users, {{ min_users }}) - mature_installs, 0) as bigint)
        end as missing_users,
        {{ as_decimal('total_session_length_seconds', 28, 6) }} as total_session_length_seconds,
        cast(peak_hour_installs as bigint) as peak_hour_installs,
        app_open_count_p99,
        organic_app_open_count_p99,
        no_session_rate,
        {%- for rate in ['one_day_rate', 'd1_retention_rate', 'd7_retention_rate'] %}
        {%- for column in [rate, rate ~ '_lower', rate ~ '_upper', 'organic_' ~ rate] %}
        {{ column }},
        {%- endfor %}
        {%- endfor %}
        sessions_per_install,
        paid_median_sessions_per_install,
        length_per_install_seconds,
        paid_median_length_per_install_seconds,
        heavy_user_rate,
        without_device_id_rate,
        peak_hour_rate,

        ---------- booleans
        is_organic,

        ---------- dates
        cohort_start_date
    from judged

)

select * from final
