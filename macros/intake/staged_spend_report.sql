{#-
    Reports of spend in the canonical columns. What they call a column is in seeds/column_aliases.csv; here is what a name cannot
    say: which of several amounts counts, what is in millionths, where an id is a part of a name, whose report it is.
-#}
{% macro _staged_spend_report(provider) %}
    {%- set raw = raw_input(provider, 'ad_spend') -%}
    {%- set amounts = ['spend', 'cost', 'network_cost', 'adjust_cost'] -%}
    {%- set unparsable -%}
        {{ unparsable_columns(
            raw, dates=['spend_date'], timestamps=['updated_at', 'loaded_at'],
            decimals=['impressions', 'clicks', 'reported_installs', 'batch']
        ) }}
    {%- endset -%}
    {#- amounts are parsed once, too; whether one could not be read is asked below, of the one that counts -#}
    {%- do unparsable_columns(raw, decimals=amounts) -%}
    {%- set cases, has_amount = [], [] -%}
    {%- for amount in amounts + ['spend_micros'] if amount in raw.columns -%}
        {#- millionths are whole: with decimals, a million of a currency would be too long a number -#}
        {%- set value = raw_decimal(raw, amount) if amount != 'spend_micros' else as_decimal(
            raw_decimal(raw, amount, 0) ~ ' * ' ~ as_decimal("'0.000001'", 7, 6), 18, 6
        ) -%}
        {%- do cases.append('when ' ~ amount ~ ' is not null then ' ~ value) -%}
        {%- do has_amount.append(amount ~ ' is not null') -%}
    {%- endfor -%}
    {%- set spend = 'case ' ~ cases | join(' ') ~ ' end' if cases else as_decimal('null', 18, 6) -%}
    {%- set channel = 'coalesce(' ~ raw_text(raw, 'channel') ~ ', ' ~ raw_text(raw, 'partner_name') ~ ', ' ~ raw_text(raw, 'network')
        ~ ((", '" ~ {'meta_ads': 'facebook_ads', 'applovin_ads': 'applovin'}.get(provider, provider) ~ "'")
            if provider not in ['adjust_reports', 'appsflyer_cost', 'fivetran_ads'] else '') ~ ')' -%}
    {%- set name = 'coalesce(' ~ raw_text(raw, 'campaign_name') ~ ', ' ~ raw_text(raw, 'campaign_network') ~ ')' -%}
    {%- set id_length = dbt.position("'('", 'reverse(' ~ name ~ ')') -%}
    {%- set id_in_name = "case when " ~ name ~ " like '%(%)' then substr(" ~ name ~ ", length(" ~ name ~ ") - " ~ id_length ~ " + 2, "
        ~ id_length ~ " - 2) end" -%}
    {%- set system = 'coalesce(' ~ raw_text(raw, 'platform') ~ ', ' ~ raw_text(raw, 'os_name') ~ ', ' ~ raw_text(raw, 'store_type') ~ ')' %}
    select
        '{{ provider }}' as provider,
        {{ usable_id(raw_text(raw, 'app_id')) }} as app_id,
        case
            when lower({{ system }}) in ('itunes', 'apple', 'app_store') then 'ios'
            when lower({{ system }}) in ('google', 'google_play') then 'android'
            when lower({{ system }}) in ('fireos', 'fire os') then 'amazon'
            when lower({{ system }}) is not null then {{ canonical_platform(system) }}
            {%- if provider == 'apple_search_ads' %}
            else 'ios'
            {%- elif provider == 'appsflyer_cost' %}
            when {{ raw_text(raw, 'app_id') }} like 'id%'
                and translate(substr({{ raw_text(raw, 'app_id') }}, 3), '0123456789', '') = '' then 'ios'
            when {{ raw_text(raw, 'app_id') }} like '%.%' then 'android'
            else 'other'
            {%- else %}
            else 'other'
            {%- endif %}
        end as platform,
        {%- if provider in ['adjust_reports', 'appsflyer_cost'] %}
        -- as on installs of the same export: an id, one in parentheses behind the name, the name
        coalesce(
            {{ raw_text(raw, 'campaign_id') }},
            case when translate({{ id_in_name }}, '0123456789', '') = '' then nullif({{ id_in_name }}, '') end,
            {{ name }}
        ) as campaign_id,
        {%- else %}
        {{ raw_text(raw, 'campaign_id') }} as campaign_id,
        {%- endif %}
        {{ name }} as campaign_name,
        {{ channel }} as channel,
        {{ raw_country(raw) }} as country,
        coalesce(upper({{ raw_text(raw, 'currency') }}), 'USD') as currency,
        -- a line about users whom nobody brought may leave its cost blank
        case
            when {{ _is_nobodys(channel) }} and not ({{ has_amount | join(' or ') or '1 = 0' }}) then {{ as_decimal('0', 18, 6) }}
            else {{ spend }}
        end as spend,
        {{ raw_decimal(raw, 'impressions') }} as impressions,
        {{ raw_decimal(raw, 'clicks') }} as clicks,
        {{ raw_decimal(raw, 'reported_installs') }} as reported_installs,
        {{ raw_date(raw, 'spend_date') }} as spend_date,
        {%- if 'batch' in raw.columns and 'batch_date' in raw.columns %}
        -- of a day's four batches the last one counts
        {{ plus_seconds(
            'cast(' ~ raw_date(raw, 'batch_date') ~ ' as ' ~ dbt.type_timestamp() ~ ')',
            'cast(21600 * ' ~ raw_decimal(raw, 'batch') ~ ' as ' ~ dbt.type_int() ~ ')'
        ) }} as updated_at,
        {%- else %}
        {{ raw_timestamp(raw, 'updated_at') }} as updated_at,
        {%- endif %}
        {{ raw_loaded_at(raw) }} as loaded_at,
        {{ raw_file_name(raw) }} as file_name,
        -- a row of several days is of no day
        nullif(
            coalesce({{ unparsable }}, '')
            {%- if cases %}
            || case when ({{ has_amount | join(' or ') }}) and {{ spend }} is null then 'spend ' else '' end
            {%- endif %}
            || case when {{ raw_date(raw, 'last_date') }} <> {{ raw_date(raw, 'spend_date') }} then 'spend_date ' else '' end, ''
        ) as unparsable_columns
    from (
        {{ raw_rows(
            raw, ids=['app_id', 'campaign_id'], times=['updated_at', 'loaded_at'], countries=['country']
        ) }}
    ) as raw_rows
    {{ join_countries(raw) }}
{% endmacro %}

{#- Whether a line is about users whom nobody brought: an attribution provider's report has such. -#}
{% macro _is_nobodys(channel) -%}
    coalesce(lower({{ channel }}) in ('organic', 'unattributed'), false)
{%- endmacro %}
