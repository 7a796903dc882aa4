{#-
    Selects, by `app_id`, `platform` and the date on which a day N begins (`first_date`: as many dates after the install as N
    says), a number that is another one where a network's revenue of a date of that day N is: of the date before to the second
    after, see `_reaches_date`.
-#}
{% macro _revenue_digests() %}
    select
        digests.app_id,
        digests.platform,
        {{ _plus_days('digests.revenue_date', 'cast(days.days_later as integer)') }} as first_date,
        cast(sum(digests.digest) as bigint) as digest
    from (
        -- 40 bits, so that the sums of a long list are no overflow
        select
            app_id,
            platform,
            revenue_date,
            {{ whole_divide(hash63(key_text(['revenue_date', 'upper(country)', decimal_text('revenue_usd')])), '8388608') }} as digest
        from {{ ref('fct_ad_revenue') }}
    ) as digests
    cross join ({{ _rows_of([1, 0, -1, -2], 'days_later') }}) as days
    group by 1, 2, 3
{% endmacro %}

{#- Condition that joins the digest of a user's day N. -#}
{% macro _is_revenue_of(digests, row, day_n) -%}
    {{ digests }}.app_id = {{ row }}.app_id
    and {{ digests }}.platform = {{ row }}.platform
    and {{ digests }}.first_date = {{ _plus_days(row ~ '.install_date', 'cast(' ~ day_n ~ ' as integer)') }}
{%- endmacro %}

{#- Query of the first date of which the table that is built has other revenue of a network than is known now. -#}
{% macro _first_restated_date() %}
    select min({{ _plus_days('known.install_date', 'cast(known.day_n as integer) - 1') }}) as first_date
    from {{ this }} as known
    left join ({{ _revenue_digests() }}) as digests
        on {{ _is_revenue_of('digests', 'known', 'known.day_n') }}
    where known.revenue_digest <> coalesce(digests.digest, 0)
{% endmacro %}
