"""Figures that two tables both carry are equal, on the sample.

Each row says by which columns two relations are added up, which figures they share, and the two:
a table, or a query that gives its columns the same names. A key of one side alone counts as zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from dbt_harness import Dbt

APP = "app_id, platform"
DAY = f"{APP}, activity_date"
CAMPAIGN = f"{APP}, channel, campaign_id"
COHORT = f"{CAMPAIGN}, install_date"
DAILY = "marts.mart_daily_engagement"
COHORTS = "marts.mart_cohorts_n_day"
N_DAY = "marts.mart_campaigns_n_day"
OF_SESSIONS = (
    "session_count, measured_session_count, total_session_length_seconds, session_interval_count,"
    " total_session_interval_seconds"
)
OF_DAYS = f"{OF_SESSIONS}, app_open_count, ad_impression_count, refund_count"
OF_COHORTS = (
    "d0_users, active_users, rolling_users, bracket_users, session_count, app_open_count,"
    " cumulative_session_count, cumulative_app_open_count, ad_revenue, iap_revenue,"
    " cumulative_ad_revenue, cumulative_iap_revenue"
)
OF_CAMPAIGNS = "d0_users, active_users, session_count, app_open_count, cumulative_app_open_count"
REVENUE = "cumulative_ad_revenue, cumulative_iap_revenue"
# what a user did on a day, with the cohort and the rate of the day
USER_DAYS = """
    select days.*, users.channel, users.campaign_id, users.install_date, users.is_install_inferred,
        dates.reporting_units_per_usd * (days.ad_revenue_usd + days.network_ad_revenue_usd)
            as ad_revenue,
        days.iap_revenue_usd * dates.reporting_units_per_usd as iap_revenue,
        days.refund_usd * dates.reporting_units_per_usd as refund_amount
    from intermediate.int_user_days as days
    inner join core.dim_dates as dates on days.activity_date = dates.date_day
    left join intermediate.int_cohort_users as users using (user_key)
"""
USERS = "select *, 1 as tracked_installs from marts.mart_users where install_date is not null"
DAY_0 = f"select * from {COHORTS} where day_n = 0"
DAY_7 = f"select * from {COHORTS} where day_n = 7"
SPEND = """
    select spend.* exclude (spend, impressions, clicks), spend.spend_date as campaign_date,
        spend.impressions as campaign_impressions, spend.clicks as campaign_clicks,
        spend.spend_usd * dates.reporting_units_per_usd as spend
    from core.fct_ad_spend as spend
    inner join core.dim_dates as dates on spend.spend_date = dates.date_day
"""
RECENT = """
    select daily.*, as_of.as_of_date
    from marts.mart_campaigns_daily as daily
    inner join (select distinct app_id, as_of_date from marts.mart_budget) as as_of using (app_id)
    where daily.campaign_date between as_of.as_of_date - 27 and as_of.as_of_date
"""


def window(days: int) -> str:
    """Users active in so many dates up to each date on which the number is known."""
    name = {7: "wau", 30: "mau"}[days]
    return f"""
        select daily.app_id, daily.platform, daily.activity_date,
            count(distinct days.user_key) as {name}
        from {DAILY} as daily
        inner join core.fct_user_days as days
            on days.is_active and days.app_id = daily.app_id and days.platform = daily.platform
            and days.activity_date between daily.activity_date - {days - 1} and daily.activity_date
        where daily.{name} is not null
        group by all
    """


def where_mature(query: str, other: str, keys: str, flag: str) -> str:
    """Of a query, the keys of which all rows of another relation are mature."""
    return f"""
        select * from ({query}) as rows
        semi join (select {keys} from {other} group by all having bool_and({flag})) as mature
            using ({keys})
    """


@dataclass(frozen=True)
class Same:
    """Sums of `figures` by `by` are the same in `one` and in `other`."""

    what: str
    by: str
    figures: str
    one: str
    other: str


SAME = [
    Same(
        "sessions and days",
        DAY,
        "session_count, measured_session_count",
        """
        select *, session_date as activity_date, 1 as session_count,
            is_measured::int as measured_session_count
        from core.fct_sessions""",
        DAILY,
    ),
    Same(
        "starts of sessions and days",
        DAY,
        "timeout_session_count, reopen_session_count, new_users, reengagement_count",
        """
        select *, session_date as activity_date,
            (start_reason = 'timeout')::int as timeout_session_count,
            (start_reason = 'reopen')::int as reopen_session_count,
            (start_reason = 'first')::int as new_users, is_reengagement::int as reengagement_count
        from core.fct_sessions""",
        DAILY,
    ),
    Same("user days and days", DAY, OF_DAYS, "core.fct_user_days", DAILY),
    Same(
        "money of user days and days",
        DAY,
        "ad_revenue, iap_revenue, refund_amount",
        USER_DAYS,
        DAILY,
    ),
    Same(
        "active users",
        DAY,
        "dau",
        """
        select distinct app_id, platform, activity_date, user_key, 1 as dau
        from core.fct_user_days where is_active""",
        DAILY,
    ),
    Same("weekly users", DAY, "wau", window(7), DAILY),
    Same("monthly users", DAY, "mau", window(30), DAILY),
    Same(
        "users and days",
        APP,
        f"{OF_DAYS}, active_days, ad_revenue, iap_revenue, refund_amount",
        "marts.mart_users",
        f"select *, dau as active_days from {DAILY}",
    ),
    Same(
        "users and their days", "user_key", "ad_revenue, iap_revenue", "marts.mart_users", USER_DAYS
    ),
    Same(
        "sessions and users",
        "user_key",
        "session_count, event_count",
        "select *, 1 as session_count from core.fct_sessions",
        "marts.mart_users",
    ),
    Same(
        "both tables of users",
        "user_key, install_date, installed_at, first_seen_at, last_seen_at, is_install_inferred",
        "session_count",
        "core.dim_users",
        "marts.mart_users",
    ),
    Same(
        "events and sessions",
        APP,
        "event_count",
        "select *, 1 as event_count from intermediate.int_events where is_activity",
        "core.fct_sessions",
    ),
    Same(
        "events and users",
        APP,
        "purchase_count, refund_count, ad_impression_count",
        """
        select *, (event_type = 'purchase')::int as purchase_count,
            (event_type = 'refund')::int as refund_count,
            (event_type = 'ad_impression')::int as ad_impression_count
        from intermediate.int_events""",
        "marts.mart_users",
    ),
    Same(
        "impressions' revenue",
        APP,
        "ad_revenue_usd",
        "intermediate.int_events",
        "core.fct_user_days",
    ),
    Same(
        "revenue of networks",
        f"{APP}, activity_date",
        "network_ad_revenue_usd",
        """
        select *, revenue_date as activity_date, revenue_usd as network_ad_revenue_usd
        from intermediate.int_ad_revenue_allocation where allocation = 'sessions'""",
        "intermediate.int_user_days",
    ),
    Same(
        "installs and days",
        DAY,
        "install_count, inferred_install_count",
        f"""
        select installs.*, installs.install_date as activity_date, 1 as install_count,
            is_install_inferred::int as inferred_install_count
        from core.fct_installs as installs
        inner join {DAILY} as daily
            on installs.app_id = daily.app_id and installs.platform = daily.platform
            and installs.install_date = daily.activity_date
        where not is_reinstall""",
        DAILY,
    ),
    Same("installs of users and cohorts", COHORT, "tracked_installs", USERS, DAY_0),
    Same(
        "installs of cohorts and campaigns",
        COHORT,
        "tracked_installs",
        DAY_0,
        "select *, campaign_date as install_date from marts.mart_campaigns_daily",
    ),
    Same(
        "installs of cohorts and countries",
        f"{APP}, install_date",
        "tracked_installs",
        DAY_0,
        "select * from marts.mart_cohorts_by_country_n_day where day_n = 0",
    ),
    Same(
        "installs of cohorts and months",
        CAMPAIGN,
        "tracked_installs",
        DAY_0,
        "marts.mart_campaign_quality",
    ),
    Same(
        "first week of cohorts and of quality",
        CAMPAIGN,
        "mature_installs, d0_users, session_count, app_open_count",
        f"""select * replace (cumulative_session_count as session_count,
            cumulative_app_open_count as app_open_count),
            case when is_mature then tracked_installs end as mature_installs from ({DAY_7})""",
        "marts.mart_campaign_quality",
    ),
    *(
        Same(
            f"dates and {period} cohorts",
            f"{CAMPAIGN}, day_n",
            f"tracked_installs, {OF_COHORTS}",
            COHORTS,
            f"marts.mart_cohorts_{period}_n_day",
        )
        for period in ("weekly", "monthly")
    ),
    Same(
        "user days and cohorts",
        f"{COHORT}, is_install_inferred, day_n",
        "session_count, app_open_count",
        where_mature(USER_DAYS, COHORTS, f"{COHORT}, is_install_inferred, day_n", "is_mature"),
        COHORTS,
    ),
    Same(
        "money of user days and cohorts",
        f"{COHORT}, is_install_inferred, day_n",
        "ad_revenue, iap_revenue",
        where_mature(
            USER_DAYS, COHORTS, f"{COHORT}, is_install_inferred, day_n", "is_revenue_mature"
        ),
        COHORTS,
    ),
    Same(
        "cohorts and campaigns",
        f"{COHORT}, day_n",
        f"tracked_installs, {OF_CAMPAIGNS}",
        where_mature(f"select * from {COHORTS}", N_DAY, f"{COHORT}, day_n", "is_mature"),
        N_DAY,
    ),
    Same(
        "money of cohorts and campaigns",
        f"{COHORT}, day_n",
        REVENUE,
        where_mature(f"select * from {COHORTS}", N_DAY, f"{COHORT}, day_n", "is_revenue_mature"),
        N_DAY,
    ),
    Same(
        "campaigns and CPM",
        f"{COHORT}, day_n",
        "tracked_installs, spend, app_open_count, cumulative_app_open_count",
        N_DAY,
        "marts.mart_cpm_n_day",
    ),
    Same(
        "cohorts and countries",
        f"{APP}, install_date, day_n",
        OF_CAMPAIGNS,
        where_mature(
            where_mature(
                f"select * from {COHORTS}", COHORTS, f"{APP}, install_date, day_n", "is_mature"
            ),
            "marts.mart_cohorts_by_country_n_day",
            f"{APP}, install_date, day_n",
            "is_mature",
        ),
        where_mature(
            "select * from marts.mart_cohorts_by_country_n_day",
            COHORTS,
            f"{APP}, install_date, day_n",
            "is_mature",
        ),
    ),
    Same(
        "spend and campaigns",
        f"{APP}, campaign_date",
        "spend, campaign_impressions, campaign_clicks, reported_installs",
        SPEND,
        "marts.mart_campaigns_daily",
    ),
    Same(
        "campaigns by date and by day N",
        COHORT,
        "spend, campaign_impressions, campaign_clicks, reported_installs, tracked_installs",
        f"select * from {N_DAY} where day_n = 0",
        where_mature(
            "select *, campaign_date as install_date from marts.mart_campaigns_daily",
            f"(select * from {N_DAY} where day_n = 0)",
            COHORT,
            "is_mature",
        ),
    ),
    Same(
        "cohorts and what was observed of predictions",
        f"{COHORT}, day_n",
        "revenue",
        f"""
        select *, cumulative_ad_revenue + cumulative_iap_revenue as revenue from {COHORTS}
        semi join (
            select *, horizon_day_n as day_n from marts.mart_ltv_predictions where is_observed
        ) as observed using ({COHORT}, day_n)""",
        """select *, horizon_day_n as day_n, predicted_revenue as revenue
        from marts.mart_ltv_predictions where is_observed""",
    ),
    Same(
        "predictions by country",
        f"{COHORT}, horizon_day_n",
        "d0_users, observed_revenue",
        "marts.mart_ltv_predictions",
        "marts.mart_ltv_predictions_by_country",
    ),
    Same(
        "campaigns and budget",
        CAMPAIGN,
        "spend, tracked_installs",
        where_mature(RECENT, "marts.mart_budget", CAMPAIGN, "true"),
        """
        select distinct app_id, platform, channel, campaign_id, recent_spend as spend,
            recent_installs as tracked_installs from marts.mart_budget""",
    ),
    *(
        Same(
            f"days and trends by {level}",
            "app_id, activity_date",
            "session_count",
            DAILY,
            f"""
        select *, session_date as activity_date from marts.mart_session_trends
        where series_level = '{level}'""",
        )
        for level in ("app", "platform", "channel", "country")
    ),
    Same(
        "events and data quality",
        "provider, load_date",
        "accepted_count",
        """
        select *, loaded_at::date as load_date, 1 as accepted_count from intermediate.int_events""",
        "select * from marts.mart_data_quality where feed = 'events'",
    ),
    Same(
        "users and churn",
        "user_key",
        "users",
        "select *, 1 as users from marts.mart_users",
        "select *, 1 as users from marts.mart_churn_risk",
    ),
    Same(
        "first sessions and paths",
        APP,
        "session_count",
        """
        select *, 1 as session_count from core.fct_sessions where is_first_session""",
        """
        select * from marts.mart_session_paths where path_kind = 'first_session' and step = 1""",
    ),
]


@pytest.mark.parametrize("same", SAME, ids=lambda same: same.what)
def test_figures_that_two_tables_carry_are_equal(built: Dbt, same: Same):
    figures = same.figures.split(", ")
    sums = ", ".join(f"coalesce(sum({figure}), 0)::double as {figure}" for figure in figures)
    one, other = (
        f"(select {same.by}, {sums} from {_relation(side)} as side group by all)"
        for side in (same.one, same.other)
    )
    on = " and ".join(f"one.{key} is not distinct from other.{key}" for key in same.by.split(", "))
    differ = " or ".join(
        f"abs(coalesce(one.{figure}, 0) - coalesce(other.{figure}, 0)) > 1e-5" for figure in figures
    )
    total = built.query(f"select {sums} from {_relation(same.one)} as side")
    assert any(total[0]), "nothing to compare"
    found = built.query(
        f"select * from {one} as one full join {other} as other on {on} where {differ} limit 5"
    )
    assert not found, f"{same.by}, {same.figures}, twice:\n" + "\n".join(map(str, found))


def _relation(side: str) -> str:
    """A table's name, or a query in brackets."""
    return f"({side})" if " " in side.strip() else side
