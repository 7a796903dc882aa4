"""One imaginary week in the layouts of all providers, and reports of spend in theirs: one build.

The week (week.py) has to give the same sessions, cohorts and CPM from each provider that can hold
it; where a layout cannot, exactly what `sessions_of` and `cohorts_of` here make of what the layout
says. Reports of networks, loaders and attribution providers have headers as in public connectors
and documents, values made up, and what has to come out beside their rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import week
from pipeline import Pipeline
from reference import micros

SPEND = [
    "adjust_reports",
    "apple_search_ads",
    "applovin_ads",
    "appsflyer_cost",
    "fivetran_ads",
    "google_ads",
    "meta_ads",
    "tiktok_ads",
]
GAME = "com.example.blocks"
DAYS = [0, 1, 2, 3, 6]
USERS = "applovin_max_users/ad_revenue"
GAID = "aaaaaaaa-0000-4000-8000-000000000001"
ACTIONS = '"[{""action_type"":""mobile_app_install"",""value"":""2""}]"'
FILES = {
    # an id in parentheses, a country's name, nobody's campaign, organic without cost
    "adjust_reports/ad_spend/report.csv": [
        "campaign,day,app,app_token,store_type,channel,country,installs,network_cost",
        "DE_ACI (copy) (20830000001),2026-03-02,Blocks,abc123,google,Google Ads,Germany,8,41.20",
        "Winter (new),2026-03-02,Blocks,abc123,itunes,Own Net,Germany,1,2",
        "unknown,2026-03-02,Blocks,abc123,google,Unity Ads,Germany,1,3",
        "unknown,2026-03-02,Blocks,abc123,google,Organic,Germany,31,0.0",
    ],
    "adjust_reports/ad_spend/ids.csv": [
        "day,app_token,os_name,partner_name,network,campaign_id_network,campaign_network,cost,network_cost",
        "2026-03-03,abc123,ios,Facebook,Facebook Installs,238500,Blocks,7,6",
    ],
    # local currency; redownloads are no installs; which app, the folder says
    "apple_search_ads/ad_spend/app_id=id123/report.csv": [
        "date,id,impressions,taps,tap_installs,tap_new_downloads,tap_redownloads,"
        "local_spend_amount,local_spend_currency",
        "2026-03-02,973900001,140,6,2,1,1,6.30,EUR",
    ],
    # hours of a day add up
    "applovin_ads/ad_spend/report.csv": [
        "day,hour,application,campaign,campaign_id_external,campaign_package_name,country,platform,"
        "impressions,clicks,conversions,cost",
        f"2026-03-02,10,Blocks,DE_AL,4d5e6f,{GAME},de,android,5120,88,12,14.37",
        f"2026-03-02,11,Blocks,DE_AL,4d5e6f,{GAME},de,android,10,1,0,0.63",
    ],
    # the last batch of a day counts, whichever file was written last; other cuts are not read
    "appsflyer_cost/ad_spend/dt=2026-03-03/b=4/summary/part-0.csv": [
        "date,app_id,media_source,campaign,campaign_id,geo,cost,currency,impressions,clicks,installs",
        "2026-03-02,id123,googleadwords_int,Own,77,DE,5,USD,10,1,1",
        "2026-03-02,id123,organic,,,DE,,USD,,,4",
    ],
    "appsflyer_cost/ad_spend/dt=2026-03-03/b=1/summary/part-0.csv": [
        "date,app_id,media_source,campaign,campaign_id,geo,cost,currency,impressions,clicks,installs",
        "2026-03-02,id123,googleadwords_int,Own,77,DE,4,USD,9,1,1",
    ],
    "appsflyer_cost/ad_spend/dt=2026-03-03/b=4/geo/part-0.csv": ["date,cost", "2026-03-02,99"],
    # the ad network is called platform; no app: the campaign's installs say it, if they are of one
    "fivetran_ads/ad_spend/report.csv": [
        "source_relation,date_day,platform,account_id,account_name,campaign_id,campaign_name,clicks,"
        "impressions,spend,conversions,conversions_value",
        ",2026-03-02,google_ads,2120000001,Blocks,20830000002,DE_Blocks_ACI,57,1810,41.20,8,0",
        ",2026-03-02,apple_search_ads,,,973900009,Brand US,6,140,6.30,0,0",
        ",2026-03-02,facebook_ads,17,Blocks FB,238501,RTG,6,140,1.5,0,0",
    ],
    # millionths; a row per kind of network and device; numbers beyond 2^53 are exact as text
    "google_ads/ad_spend/app_id=com.example.blocks/platform=android/currency=EUR/stats.csv": [
        "customer_id,date,id,base_campaign,ad_network_type,device,impressions,clicks,conversions,"
        "conversions_value,cost_micros",
        "2120000001,2026-03-02,20830000001,c,SEARCH,MOBILE,181,57,8,0,41200000",
        "2120000001,2026-03-02,20830000001,c,CONTENT,TABLET,19,3,0,0,1",
        "2120000001,3/4/2026,20830000001,c,CONTENT,TABLET,19,3,0,0,1000000",
    ],
    "google_ads/ad_spend/airbyte.csv": [
        "segments.date,campaign.id,campaign.name,metrics.cost_micros,metrics.clicks,"
        "metrics.impressions,customer.currency_code",
        '2026-03-03,20830000002,"Blocks, DE",2500000000000,5,6,USD',
        "2026-03-04,20830000002,DE,much,5,6,USD",
    ],
    # the folder says the app, and the campaign's installs the platform
    f"google_ads/ad_spend/app_id={GAME}/app_only.csv": [
        "segments.date,campaign.id,metrics.cost_micros,metrics.clicks,metrics.impressions",
        "2026-03-05,20830000002,1000000,1,2",
    ],
    # a platform that is said stays, of a campaign of two
    f"meta_ads/ad_spend/app_id={GAME}/platform=ios/said.csv": [
        "campaign_id,date_start,date_stop,impressions,clicks,spend,account_currency",
        "238501,2026-03-03,2026-03-03,10,1,5,USD",
    ],
    # installs are in a list that is not read; a row of a week is refused
    "meta_ads/ad_spend/insights.csv": [
        "campaign_id,date_start,date_stop,impressions,clicks,inline_link_clicks,spend,"
        "account_currency,actions",
        f"23850000000000001,2026-03-02,2026-03-02,3911,29,12,68.40,USD,{ACTIONS}",
        f"23850000000000001,2026-03-02,2026-03-08,3911,29,12,500,USD,{ACTIONS}",
    ],
    # capitals, hours without a zero, a hyphen for nothing
    "tiktok_ads/ad_spend/report.csv": [
        "CAMPAIGN_ID,STAT_TIME_HOUR,SPEND,CLICKS,IMPRESSIONS,CONVERSION,REAL_TIME_CONVERSION",
        "1700000000000000001,2026-03-02 5:00:00,3.75,31,15020,1,1",
        "1700000000000000001,2026-03-02 15:00:00,0.25,-,20,-,-",
    ],
    "applovin_max/ad_revenue/report.csv": [
        "day,application,package_name,platform,country,network,ad_format,impressions,"
        "estimated_revenue,ecpm",
        f"2026-03-02,Blocks,{GAME},android,de,ADMOB_BIDDING,INTER,10,0.0123,1.23",
        f"2026-03-02,Blocks,{GAME},android,de,ADMOB_BIDDING,BANNER,1000,0.1,0.1",
        f"2026-03-02,Blocks,{GAME},fireos,us,APPLOVIN_NETWORK,BANNER,1,0.000079,0.079",
    ],
    # a time as the date, -1 for what was not known, amounts below the sixth digit; and a day of
    # which there is a daily report
    f"{USERS}/app_id={GAME}/platform=android/report.csv": [
        "Date,Ad Unit ID,Ad Unit Name,Waterfall,Ad Format,Placement,Country,Device Type,IDFA,IDFV,"
        "User ID,Revenue,Ad Placement,Network,Custom Data",
        *(
            f"{at},a0b1,main,Default,{ad_format},home,{country},PHONE,{gaid},,,{revenue},9,{network},"
            for at, ad_format, country, gaid, revenue, network in [
                ("2026-03-03 10:03:07.39", "INTER", "de", GAID, "0.0123", "ADMOB_BIDDING"),
                ("2026-03-03 10:03:07.4", "BANNER", "de", GAID, "0.0000004", "ADMOB_BIDDING"),
                ("2026-03-03 10:03:07.4", "BANNER", "de", GAID, "0.0000004", "ADMOB_BIDDING"),
                ("2026-03-03 10:03:07.4", "BANNER", "de", "", "0.0000004", "ADMOB_BIDDING"),
                ("2026-03-03 23:59:59.99", "REWARD", "us", "", "-1", "FACEBOOK_NETWORK"),
                ("2026-03-03 11:00:00", "REWARD", "us", "", "many", "FACEBOOK_NETWORK"),
                ("2026-03-02 11:00:00", "REWARD", "de", GAID, "0.5", "ADMOB_BIDDING"),
            ]
        ),
    ],
    # of a user and day, which has no time: the folder says the day
    f"{USERS}/app_id={GAME}/platform=ios/day=2026-03-03/users.csv": [
        "Ad Unit ID,Placement,IDFA,IDFV,User Id,Impressions,Revenue",
        "a0b1,level_end,,BBBBBBBB-0000-4000-8000-000000000002,user_0,14,1.250125",
        "a0b1,home,,BBBBBBBB-0000-4000-8000-000000000002,user_0,7,0.004200",
    ],
}


def installs() -> list[dict[str, Any]]:
    """Installs of two campaigns whose reports leave open of which app or platform they are."""
    users = [("d1", "20830000002", "Google Ads ACI", "android")]
    # a stray install among eleven moves no spend
    users += [(f"e{n}", "20830000002", "Google Ads ACI", "android") for n in range(9)]
    users += [("e9", "20830000002", "Google Ads ACI", "other")]
    users += [("d2", "238501", "Facebook Ads", "android"), ("d3", "238501", "facebook", "ios")]
    return [
        {
            "provider": "generic",
            "event_id": user,
            "app_id": GAME,
            "platform": platform,
            "device_id": user,
            "event_name": "install",
            "event_at": micros("2026-03-02 10:00:00"),
            "loaded_at": micros("2026-03-05 00:00:00"),
            "campaign_id": campaign,
            "channel": channel,
        }
        for user, campaign, channel, platform in users
    ]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    """The week, all reports, and installs of two campaigns."""
    pipeline = Pipeline(
        tmp_path_factory.mktemp("layouts"),
        vars={
            "providers": [*week.LAYOUTS, *SPEND, "applovin_max", "applovin_max_users"],
            "n_days": DAYS,
            "as_of": "2026-03-25",
        },
        select=[
            "+fct_ad_revenue",
            "+int_feed_rejections",
            "+mart_cohorts_n_day",
            "+mart_cpm_n_day",
            "+mart_data_quality",
        ],
    )
    with pipeline.connect(read_only=False) as connection:
        connection.execute("delete from seeds.provider_settings")
        connection.executemany(
            "insert into seeds.provider_settings values (?, ?)",
            [[layout, 600 if layout == "appsflyer" else 0] for layout in week.LAYOUTS],
        )
    week.write(pipeline.raw)
    for name, lines in FILES.items():
        path = pipeline.raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
    pipeline.add(installs())
    pipeline.run()
    yield pipeline


NONE = "(unattributed)"
# app, platform, channel, campaign, country, currency, spend, impressions, clicks, installs, day
EXPECTED: dict[str, list[tuple[object, ...]]] = {
    "adjust_reports": [
        ("abc123", "android", "google_ads", "20830000001", "DE", "USD", 41.2, None, None, 8, 2),
        ("abc123", "android", "unity_ads", NONE, "DE", "USD", 3, None, None, 1, 2),
        ("abc123", "ios", "Own Net", "Winter (new)", "DE", "USD", 2, None, None, 1, 2),
        ("abc123", "ios", "facebook_ads", "238500", None, "USD", 7, None, None, None, 3),
    ],
    "apple_search_ads": [
        ("id123", "ios", "apple_search_ads", "973900001", None, "EUR", 6.3, 140, 6, 1, 2)
    ],
    "applovin_ads": [(GAME, "android", "applovin", "4d5e6f", "DE", "USD", 15, 5130, 89, None, 2)],
    "appsflyer_cost": [("id123", "ios", "google_ads", "77", "DE", "USD", 5, 10, 1, 1, 2)],
    "fivetran_ads": [
        (NONE, "other", "apple_search_ads", "973900009", None, "USD", 6.3, 140, 6, None, 2),
        (NONE, "other", "facebook_ads", "238501", None, "USD", 1.5, 140, 6, None, 2),
        (GAME, "android", "google_ads", "20830000002", None, "USD", 41.2, 1810, 57, None, 2),
    ],
    "google_ads": [
        (GAME, "android", "google_ads", "20830000001", None, "EUR", 41.200001, 200, 60, None, 2),
        (GAME, "android", "google_ads", "20830000002", None, "USD", 2_500_000, 6, 5, None, 3),
        (GAME, "android", "google_ads", "20830000002", None, "USD", 1, 2, 1, None, 5),
    ],
    "meta_ads": [
        (NONE, "other", "facebook_ads", "23850000000000001", None, "USD", 68.4, 3911, 29, None, 2),
        (GAME, "ios", "facebook_ads", "238501", None, "USD", 5, 10, 1, None, 3),
    ],
    "tiktok_ads": [
        (NONE, "other", "tiktok_ads", "1700000000000000001", None, "USD", 4, 15040, 31, None, 2)
    ],
}


@pytest.mark.parametrize("provider", SPEND)
def test_spend_is_what_the_report_says(built: Pipeline, provider: str):
    assert (
        built.query(
            "select app_id, platform, channel, campaign_id, country, currency, spend::double,"
            " impressions::double, clicks::double, reported_installs::double, day(spend_date)"
            f" from core.fct_ad_spend where provider = '{provider}' and app_id not like '%week%'"
            " and app_id <> 'id6000000001' order by 1, 2, 3, 4, 11"
        )
        == EXPECTED[provider]
    )


def test_ad_revenue_of_max_adds_up_by_network(built: Pipeline):
    assert built.query(
        "select app_id, platform, country, ad_network, revenue::double, impressions::double"
        " from core.fct_ad_revenue where provider = 'applovin_max' order by platform"
    ) == [
        (GAME, "amazon", "US", "APPLOVIN_NETWORK", 0.000079, 1),
        (GAME, "android", "DE", "ADMOB_BIDDING", 0.1123, 1010),
    ]


def test_ad_revenue_of_users_adds_up_and_gives_way_to_the_daily_report(built: Pipeline):
    assert built.query(
        "select app_id, platform, country, ad_network, revenue::double, impressions::double,"
        " revenue_date::varchar, line_count"
        " from core.fct_ad_revenue where provider = 'applovin_max_users' order by 2, 3"
    ) == [
        # 3 times 0.0000004 is 0.0000012
        (GAME, "android", "DE", "ADMOB_BIDDING", 0.012301, 4, "2026-03-03", 4),
        (GAME, "android", "US", "FACEBOOK_NETWORK", 0, 1, "2026-03-03", 1),
        (GAME, "ios", None, None, 1.254325, 21, "2026-03-03", 2),
    ]
    assert built.query(
        "select is_superseded, rejection_reason, revenue::double, revenue_date::varchar, count(*)"
        " from intermediate.int_ad_revenue where provider = 'applovin_max_users'"
        " and (is_superseded or rejection_reason is not null) group by all order by all"
    ) == [
        (False, "unparsable_revenue", None, "2026-03-03", 1),
        (True, None, 0.5, "2026-03-02", 1),
    ]


def test_a_user_level_report_that_does_not_say_what_it_is_of_is_named(
    built: Pipeline, tmp_path: Path
):
    pipeline = Pipeline(tmp_path, vars=built.dbt.vars, select=["state_files"])
    of_users = FILES[f"{USERS}/app_id={GAME}/platform=android/report.csv"]
    of_days = FILES[f"{USERS}/app_id={GAME}/platform=ios/day=2026-03-03/users.csv"]
    for name, lines in {
        f"{USERS}/nobodys.csv": of_users,
        f"{USERS}/app_id={GAME}/platform=ios/timeless.csv": of_days,
        "applovin_max/ad_revenue/users.csv": of_users,
    }.items():
        (pipeline.raw / name).parent.mkdir(parents=True, exist_ok=True)
        (pipeline.raw / name).write_text("\n".join(lines) + "\n")
    said = str(pipeline.run(check=False))
    assert "nobodys.csv: it has no column 'app_id', no 'platform'" in said
    assert "into a folder app_id=com.example.game/platform=android/" in said
    assert "timeless.csv: it has no column 'revenue_date'; it has: Ad Unit ID, Placement" in said
    assert "ask for aggregated=false, or put the file of a day into a folder day=2026" in said
    assert "A user-level report goes into applovin_max_users/ad_revenue/" in said


def test_every_row_of_a_report_is_counted(built: Pipeline):
    """Organic lines without a cost are read, and are no spend."""
    built.point()
    built.dbt(
        "test",
        "--select",
        "assert_every_row_of_a_feed_is_accounted_for",
        "assert_ad_revenue_in_is_allocated_or_unallocated",
    )
    assert built.query(
        "select provider, count(*) from intermediate.int_ad_spend"
        " where spend = 0 and rejection_reason is null group by 1 order by 1"
    ) == [("adjust_reports", 1), ("appsflyer_cost", 1)]


def test_what_is_not_read_has_a_reason(built: Pipeline):
    assert built.query(
        "select provider, reason, row_count from intermediate.int_feed_rejections order by all"
    ) == [
        ("applovin_max_users", "older_publication", 1),
        ("applovin_max_users", "unparsable_revenue", 1),
        ("appsflyer_cost", "older_publication", 1),
        ("google_ads", "unparsable_spend", 1),
        ("google_ads", "unparsable_spend_date", 1),
        ("meta_ads", "unparsable_spend_date", 1),
    ]
    assert built.query(
        "select file_name, reason from intermediate.state_files where status = 'not_read'"
    ) == [
        (
            "appsflyer_cost/ad_spend/dt=2026-03-03/b=4/geo/part-0.csv",
            "it cuts the same spend another way, only the summary report is read",
        )
    ]


# --------------------------------------------------------------------------- the imaginary week


def sessions_of(layout: str, user: week.User) -> list[dict[str, Any]]:
    """The user's sessions as the rule has them, of what a layout says.

    A gap of 30 minutes starts one, and so does an open more than 5 seconds after a close.
    AppsFlyer's launches less than 10 minutes apart are one open.
    """
    facts = sorted(
        [(user.installed_at, "install")] * (layout != "tenjin") + week.told(layout, user),
        key=lambda fact: fact[0],
    )
    found: list[dict[str, Any]] = []
    closed_at = None
    for at, what in facts:
        is_reopen = what == "open" and closed_at is not None and at - closed_at > 5
        if not found or at - found[-1]["ended_at"] >= 1800 or is_reopen:
            found.append({"started_at": at, "facts": [], "opens": []})
        session = found[-1]
        session["ended_at"] = at
        session["facts"].append((at, what))
        if what == "open":
            session.setdefault("all_opens", []).append(at)
            before = session["all_opens"][-2:-1]
            if layout != "appsflyer" or not before or at - before[0] >= 600:
                session["opens"].append(at)
        closed_at = {"close": at, "open": None}.get(what, closed_at)
    for session in found:
        # an open that nothing says is that of the session's start
        session["opens"] = session["opens"] or [session["started_at"]]
    return found


def session_rows(layout: str, platform: str) -> list[tuple[Any, ...]]:
    """What fct_sessions has to hold of a platform."""
    rows = []
    for user in week.users():
        for number, session in enumerate(sessions_of(layout, user), start=1):
            whats = [what for _, what in session["facts"]]
            ads = [week.revenue(user.number, at) for at, what in session["facts"] if what == "ad"]
            rows.append(
                (
                    user.number,
                    number,
                    session["started_at"],
                    session["ended_at"] - session["started_at"],
                    len(session["opens"]),
                    whats.count("level"),
                    whats.count("ad"),
                    sum(ads, Decimal(0)),
                    whats.count("purchase") * Decimal("4.99"),
                )
            )
            if user.platform != platform:
                rows.pop()
    return sorted(rows)


def built_sessions(built: Pipeline, layout: str, platform: str) -> list[tuple[Any, ...]]:
    """What fct_sessions holds of it."""
    numbers = {week.user_id(layout, user.number): user.number for user in week.users()}
    rows = built.query(
        "select user_id, session_number, epoch(started_at)::bigint, session_length_seconds::bigint,"
        " app_open_count, event_count - (purchase_count + ad_impression_count) as others,"
        " in_app_event_count, ad_impression_count, ad_revenue_usd, iap_revenue_usd"
        f" from core.fct_sessions where app_id = '{week.app_of(layout, platform)}'"
        f" and platform = '{platform}'"
    )
    return sorted((numbers[row[0]], *row[1:5], *row[6:]) for row in rows)


@pytest.mark.parametrize("platform", ["android", "ios"])
@pytest.mark.parametrize("layout", week.LAYOUTS)
def test_the_week_has_the_sessions_that_its_layout_can_say(
    built: Pipeline, layout: str, platform: str
):
    assert built_sessions(built, layout, platform) == session_rows(layout, platform)


def test_sessions_of_plain_visits_are_the_same_from_every_provider(built: Pipeline):
    """Of restless ones they are not: GA4 and Adjust merge opens, only the generic layout closes."""
    plain = [built_sessions(built, layout, "android") for layout in week.LAYOUTS]
    assert len(plain[0]) > 80
    assert all(rows == plain[0] for rows in plain)
    restless = {layout: built_sessions(built, layout, "ios") for layout in week.LAYOUTS}
    counts = {layout: len(rows) for layout, rows in restless.items()}
    opens = {layout: sum(row[4] for row in rows) for layout, rows in restless.items()}
    assert counts["generic"] > counts["tenjin"] == counts["appsflyer"]
    assert opens["generic"] == opens["tenjin"] > opens["appsflyer"] > opens["adjust"]
    assert restless["adjust"] == restless["firebase"]


def cohorts_of(layout: str, platform: str) -> list[tuple[Any, ...]]:
    """(is paid, install day, N, installs, active users, opens on day N, spend, CPM)."""
    spent = {(day, name): dollars for day, name, dollars in week.spend()}
    installs: dict[tuple[bool, int], int] = defaultdict(int)
    active: dict[tuple[bool, int, int], int] = defaultdict(int)
    opens: dict[tuple[bool, int, int], int] = defaultdict(int)
    for user in week.users():
        if user.platform == platform:
            cohort = (user.is_paid, (user.installed_at - week.START) // week.DAY)
            installs[cohort] += 1
            sessions = sessions_of(layout, user)
            facts = [fact for session in sessions for fact in session["facts"]]
            for day in {(at - user.installed_at) // week.DAY for at, _ in facts}:
                active[*cohort, day] += 1
            for at in (at for session in sessions for at in session["opens"]):
                opens[*cohort, (at - user.installed_at) // week.DAY] += 1
    rows = []
    for (is_paid, day), count in installs.items():
        for n in DAYS:
            dollars = spent[day, platform] if is_paid else None
            on_day = opens[is_paid, day, n]
            cpm = round(1000 * float(dollars) / on_day, 6) if dollars and on_day else None
            rows.append((is_paid, day, n, count, active[is_paid, day, n], on_day, dollars, cpm))
    return sorted(rows, key=str)


def built_cohorts(built: Pipeline, layout: str, platform: str) -> list[tuple[Any, ...]]:
    """The same of the marts."""
    rows = built.query(
        "select not cpm.is_organic, date_diff('day', date '2026-03-02', cpm.install_date) as day,"
        " cpm.day_n,"
        " cpm.tracked_installs, cohorts.active_users, cpm.app_open_count, cpm.spend,"
        " round(cpm.cpm_n_day_sessions, 6), cpm.channel, cpm.campaign_id"
        " from marts.mart_cpm_n_day as cpm left join marts.mart_cohorts_n_day as cohorts using"
        " (app_id, platform, channel, campaign_id, install_date, day_n)"
        f" where app_id = '{week.app_of(layout, platform)}' and platform = '{platform}'"
        " and cpm.tracked_installs > 0"
    )
    campaign = (week.CHANNELS[platform]["generic"], week.CAMPAIGNS[platform])
    assert {row[-2:] for row in rows if row[0]} == {campaign}
    return sorted((row[:-2] for row in rows), key=str)


@pytest.mark.parametrize("platform", ["android", "ios"])
@pytest.mark.parametrize("layout", week.LAYOUTS)
def test_the_week_has_the_cohorts_and_cpm_that_its_layout_can_say(
    built: Pipeline, layout: str, platform: str
):
    assert built_cohorts(built, layout, platform) == cohorts_of(layout, platform)


def test_cpm_of_plain_visits_is_the_same_from_every_provider(built: Pipeline):
    """Whoever says them: installs, retention, opens, spend and CPM of each cohort and day N."""
    plain = [built_cohorts(built, layout, "android") for layout in week.LAYOUTS]
    assert len(plain[0]) > 20
    assert all(rows == plain[0] for rows in plain)
