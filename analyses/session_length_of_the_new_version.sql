-- Are sessions of the newest app version longer or shorter than those of the version before it? Each
-- user counts once per version, with the mean of their measured sessions: sessions of one user are
-- alike, and would make the interval too narrow. 95 % interval of the difference (Welch, normal).
{%- set sides = ['new', 'old'] %}
with

versions as (

    -- by the date on which a version was first seen
    select
        *,
        row_number() over (partition by app_id, platform order by first_date desc, app_version desc) as place
    from (
        select app_id, platform, app_version, min(session_date) as first_date
        from {{ ref('fct_sessions') }}
        where app_version is not null
        group by app_id, platform, app_version
    ) as seen

),

users as (

    select
        sessions.app_id,
        sessions.platform,
        case when versions.place = 1 then 'new' else 'old' end as side,
        versions.app_version,
        sessions.user_key,
        avg({{ as_double('sessions.session_length_seconds') }}) as seconds
    from {{ ref('fct_sessions') }} as sessions
    inner join versions
        on
            sessions.app_id = versions.app_id
            and sessions.platform = versions.platform
            and sessions.app_version = versions.app_version
    where sessions.is_measured and versions.place <= 2
    group by sessions.app_id, sessions.platform, versions.place, versions.app_version, sessions.user_key

),

compared as (

    select
        app_id,
        platform,
        {%- for side in sides %}
        max(case when side = '{{ side }}' then app_version end) as {{ side }}_version,
        count(case when side = '{{ side }}' then 1 end) as {{ side }}_users,
        avg(case when side = '{{ side }}' then seconds end) as {{ side }}_seconds,
        var_samp(case when side = '{{ side }}' then seconds end)
        / nullif(count(case when side = '{{ side }}' then 1 end), 0) as {{ side }}_variance_of_mean
        {{- ',' if not loop.last }}
        {%- endfor %}
    from users
    group by app_id, platform

),

intervals as (

    select
        app_id, platform, new_version, old_version, new_users, old_users, new_seconds, old_seconds,
        new_seconds - old_seconds as difference_seconds,
        new_seconds - old_seconds - 1.96 * sqrt(new_variance_of_mean + old_variance_of_mean) as at_least_seconds,
        new_seconds - old_seconds + 1.96 * sqrt(new_variance_of_mean + old_variance_of_mean) as at_most_seconds
    from compared

)

select
    *,
    case
        when least(new_users, old_users) < 30 then 'too few users'
        when at_least_seconds > 0 then 'longer'
        when at_most_seconds < 0 then 'shorter'
        else 'no difference shown'
    end as verdict
from intervals
where new_version is not null and old_version is not null
order by app_id, platform
