{#- Day N of an instant, a bigint. -#}
{% macro day_n(installed_at, at, app_id) -%}
    {%- do _require(
        var('cohort_day_basis') in ['relative_24h', 'calendar'], 'day_n',
        "the variable cohort_day_basis must be relative_24h or calendar, got '" ~ var('cohort_day_basis') ~ "'"
    ) -%}
    {%- if var('cohort_day_basis') == 'calendar' -%}
        cast({{ days_between(local_date(installed_at, app_id), local_date(at, app_id)) }} as bigint)
    {%- else -%}
        {#- A million days ahead, so that the division never sees a negative number. -#}
        cast({{ whole_divide(
            epoch_us(at) ~ ' - ' ~ epoch_us(installed_at) ~ ' + 1000000 * cast(86400000000 as bigint)',
            'cast(86400000000 as bigint)'
        ) }} - 1000000 as bigint)
    {%- endif -%}
{%- endmacro %}
