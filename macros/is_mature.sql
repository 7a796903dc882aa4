{#- SQL condition: are all feeds complete for day N of an install date? -#}
{% macro is_mature(install_date, day_n, feeds, relation) -%}
    {#- a feed that is not there is not waited for -#}
    {#- the last installer of a day finishes a relative day N one date later -#}
    {%- set extra = 0 if var('cohort_day_basis') == 'calendar' else 1 -%}
    (
    {%- for feed in feeds %}
        coalesce(
            {{ days_between(install_date, relation ~ '.' ~ feed ~ '_complete_until') }}
            >= {{ day_n ~ ' + ' ~ extra if feed != 'ad_spend' else 0 }},
            {{ 'false' if feed == 'events' else 'true' }}
        ){{ ' and' if not loop.last }}
    {%- endfor %}
    )
{%- endmacro %}
