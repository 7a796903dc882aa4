"""When a cohort's day counts: once its own provider's feeds are complete for it, and not before."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import reference
from pipeline import Pipeline, assert_equal_tables, set_session_settings
from reference import micros
from streams import stream_config

SELECT = ["+mart_cohorts_n_day", "+mart_as_of"]


def event(at: str, loaded_at: str, **columns: Any) -> dict[str, Any]:
    """An install of its own."""
    return {
        "provider": "generic",
        "event_id": at,
        "app_id": "app.plain",
        "platform": "ios",
        "device_id": at,
        "event_name": "install",
        "event_at": micros(at),
        "loaded_at": micros(loaded_at),
    } | columns


def test_a_local_day_counts_when_it_and_the_late_days_are_over(tmp_path: Path):
    """Case: a day of Los Angeles was mature at four in the afternoon of it."""
    zone = "America/Los_Angeles"
    config = stream_config(reporting_timezone=zone, cohort_day_basis="calendar")
    pipeline = Pipeline(
        tmp_path,
        vars={
            "reporting_timezone": zone,
            "cohort_day_basis": "calendar",
            "late_days": 1,
            "n_days": [0, 1],
        },
        select=SELECT,
    )
    pipeline.add([event("2024-03-09 20:00:00", "2024-03-10 00:00:00")])
    found = []
    # the clocks go forward on 10 March; the 10th, the one late day, is over at 07:00 UTC
    for loaded_at in ("2024-03-10 00:00:00", "2024-03-11 06:59:59.999999", "2024-03-11 07:00:00"):
        pipeline.add([event("2024-03-09 23:00:00", loaded_at, event_id=loaded_at)])
        pipeline.run()
        until = reference.last_complete_date(micros(loaded_at), 1, zone)
        assert pipeline.query(
            "select last_complete_date from marts.mart_as_of where feed = 'events'"
        ) == [(until,)]
        cells = pipeline.query(
            "select day_n, is_mature from marts.mart_cohorts_n_day"
            " where install_date = date '2024-03-09' order by day_n"
        )
        assert cells == [
            (n, reference.is_mature(date(2024, 3, 9), n, until, config)) for n in (0, 1)
        ]
        found.append(cells[0][1])
    assert found == [False, False, True]


TENJIN = "created_at,loaded_at,event,event_type,app_id,platform,advertising_id,source_campaign_id"


def test_a_stalled_provider_holds_back_its_own_cohorts_only(tmp_path: Path):
    """Tenjin's newest load is of 5 March, the generic feeds' of the 20th; rows of 2099 vote not."""
    pipeline = Pipeline(
        tmp_path,
        vars={"providers": ["tenjin", "generic"], "late_days": 0, "n_days": [0]},
        select=[*SELECT, "+mart_campaigns_n_day"],
    )
    with pipeline.connect(read_only=False) as connection:
        set_session_settings(connection, [])
    pipeline.add(
        [
            event("2024-03-03 10:00:00", "2024-03-03 11:00:00"),
            event("2024-03-19 10:00:00", "2024-03-20 11:00:00"),
            event("2099-12-31 10:00:00", "2024-03-20 11:00:00"),
        ]
    )
    tenjin = pipeline.raw / "tenjin" / "events"
    tenjin.mkdir(parents=True)
    (tenjin / "a.csv").write_text(
        TENJIN
        + "".join(
            f"\n{at},{loaded_at},open,event,app.tenjin,ios,{user},"
            for at, loaded_at, user in (
                ("2024-03-03 10:00:00", "2024-03-04 11:00:00", "aaaa1"),
                ("2024-03-05 10:00:00", "2024-03-05 11:00:00", "aaaa2"),
            )
        )
        + "\n"
    )
    impressions = pipeline.raw / "tenjin" / "ad_mediation_impressions"
    impressions.mkdir()
    (impressions / "a.csv").write_text(
        "created_at,loaded_at,app_id,platform,advertising_id,revenue\n"
        "2024-03-03 10:00:01,2024-03-04 11:00:00,app.tenjin,ios,aaaa1,1\n"
    )
    spend = pipeline.raw / "ad_spend"
    spend.mkdir()
    (spend / "s.csv").write_text(
        "spend_date,app_id,platform,channel,campaign_id,spend,loaded_at\n"
        "2024-03-02,app.plain,ios,google,c1,10,2024-03-03 00:00:00\n"
        "2024-03-03,app.plain,ios,google,c1,10,2024-03-08 00:00:00\n"
        "2099-12-31,app.plain,ios,google,c1,10,2024-03-08 00:00:00\n"
    )
    pipeline.run()
    assert pipeline.query(
        "select provider, feed, last_complete_date from marts.mart_as_of order by 1, 2"
    ) == [
        ("generic", "ad_revenue", None),
        ("generic", "ad_spend", date(2024, 3, 7)),
        ("generic", "events", date(2024, 3, 19)),
        ("tenjin", "ad_revenue", None),
        ("tenjin", "ad_spend", None),
        ("tenjin", "events", date(2024, 3, 4)),
    ]
    # a relative day 0 ends within the date after
    assert pipeline.query(
        "select app_id, install_date, is_mature, is_spend_mature from marts.mart_cohorts_n_day"
        " order by 1, 2"
    ) == [
        ("app.plain", date(2024, 3, 3), True, True),
        ("app.plain", date(2024, 3, 19), False, False),
        ("app.tenjin", date(2024, 3, 3), True, True),
        ("app.tenjin", date(2024, 3, 5), False, True),
    ]
    assert pipeline.query(
        "select install_date, spend::integer from marts.mart_campaigns_n_day"
        " where campaign_id = 'c1' and is_mature order by 1"
    ) == [(date(2024, 3, 2), 10), (date(2024, 3, 3), 10)]
    assert pipeline.query("select max(date_day) from core.dim_dates") == [(date(2024, 3, 19),)]


REPORTS = {
    "google_ads": "customer_id,date,id,impressions,clicks,cost_micros\n"
    "1,2024-03-04,11,1,1,5000000\n",
    "meta_ads": "campaign_id,date_start,date_stop,impressions,clicks,spend,account_currency\n"
    "22,2024-03-02,2024-03-02,1,1,7,USD\n",
}


def test_a_stalled_report_holds_back_its_own_channel(tmp_path: Path):
    """By hand: Google's report is of 8 March, Meta's of the 3rd; nobody reports TikTok's."""
    pipeline = Pipeline(
        tmp_path,
        vars={"providers": ["generic", *REPORTS], "late_days": 0, "n_days": [0]},
        select=["+mart_cohorts_n_day", "+mart_campaigns_daily"],
    )
    networks = {"google_ads": "11", "facebook_ads": "22", "tiktok_ads": "33"}
    pipeline.add(
        [
            event(f"{day} 10:00:00", "2024-03-20 11:00:00", event_id=f"{day} {campaign_id}",
                  device_id=f"{day} {campaign_id}", channel=channel, campaign_id=campaign_id)
            for channel, campaign_id in networks.items()
            for day in ("2024-03-02", "2024-03-05")
        ]
    )  # fmt: skip
    for (provider, text), day in zip(REPORTS.items(), ("2024-03-08", "2024-03-03"), strict=True):
        folder = pipeline.raw / provider / "ad_spend" / "app_id=app.plain" / "platform=ios"
        folder.mkdir(parents=True)
        (folder / "report.csv").write_text(text)
        os.utime(folder / "report.csv", (micros(f"{day} 06:00:00") / 1e6,) * 2)

    def found() -> list[tuple]:
        # is spend mature, is nothing known to be nothing
        return pipeline.query(
            "select cohorts.channel, cohorts.is_spend_mature, daily.spend::integer"
            " from marts.mart_cohorts_n_day as cohorts"
            " inner join marts.mart_campaigns_daily as daily"
            " on cohorts.campaign_id = daily.campaign_id"
            " and cohorts.install_date = daily.campaign_date"
            " where cohorts.install_date = '2024-03-05' order by 1"
        )

    pipeline.run()
    of_channels = [("facebook_ads", False, None), ("google_ads", True, 0)]
    assert found() == [*of_channels, ("tiktok_ads", False, None)]
    # what a report brought is not dropped by leaving it out
    said = str(pipeline.run(vars={"providers": ["generic", "google_ads"]}, check=False))
    assert "holds rows of fct_ad_spend of provider 'meta_ads', which is no longer read" in said
    # as one that has ended it stays, and is not waited for
    pipeline.run(vars={"ended_providers": ["meta_ads"]})
    assert found() == [*of_channels, ("tiktok_ads", True, 0)]
    assert pipeline.query("select sum(spend_usd)::integer from core.fct_ad_spend") == [(12,)]
    said = str(pipeline.run(vars={"ended_providers": ["meta"]}, check=False))
    assert "ended_providers: must be a list of names that providers has, too" in said


SPEND = "spend_date,app_id,platform,channel,campaign_id,spend,loaded_at"
# of app.plain and app.tokyo: the sessions' dates and day N, and what 10 dollars of a date bought
DAYS = "select app_id, activity_date, day_n, session_count from core.fct_user_days order by 1, 2, 3"
BOUGHT = (
    "select app_id, install_date, day_n, spend::integer, app_open_count"
    " from marts.mart_cpm_n_day where is_mature order by 1, 2, 3"
)


def test_each_app_has_the_days_of_its_zone_load_by_load(tmp_path: Path):
    """Worked out by hand: midnight in Tokyo is 15:00 UTC; the clocks of New York go forward on
    10 March 2024, from 5 to 4 hours behind UTC. Dates of spend are as they are written."""
    vars = {"cohort_day_basis": "calendar", "late_days": 0, "n_days": [0, 1]}
    pipeline = Pipeline(tmp_path, vars=vars, select=["+mart_cpm_n_day", "+mart_as_of"])

    def zones(**zone_of: str) -> None:
        rows = [
            {"app_id": app_id.replace("_", "."), "reporting_timezone": zone}
            for app_id, zone in zone_of.items()
        ]
        with pipeline.connect(read_only=False) as connection:
            set_session_settings(connection, rows)

    def both(at: str, loaded_at: str, name: str = "install") -> list[dict[str, Any]]:
        """One event in each app, of one user."""
        return [
            event(
                at,
                loaded_at,
                event_id=f"{app} {at}",
                app_id=app,
                device_id="d",
                event_name=name,
                campaign_id="c" if name == "install" else None,
                channel="google" if name == "install" else None,
            )
            for app in ("app.plain", "app.tokyo")
        ]

    folder = pipeline.raw / "ad_spend"
    folder.mkdir()
    (folder / "s.csv").write_text(
        "\n".join(
            [SPEND]
            + [
                f"{on},{app},ios,google,c,10,2024-03-12 00:00:00"
                for app in ("app.plain", "app.tokyo")
                for on in ("2024-03-09", "2024-03-10")
            ]
        )
    )
    zones(app_tokyo="Asia/Tokyo")
    # 9 March in UTC, the first minute of the 10th in Tokyo; back ten hours later
    pipeline.load(
        [
            *both("2024-03-09 15:00:00", "2024-03-11 14:59:59"),
            *both("2024-03-10 01:00:00", "2024-03-11 14:59:59", "app_open"),
        ]
    )
    ninth, tenth, eleventh = date(2024, 3, 9), date(2024, 3, 10), date(2024, 3, 11)
    assert pipeline.query(DAYS) == [
        ("app.plain", ninth, 0, 1),
        ("app.plain", tenth, 1, 1),
        ("app.tokyo", tenth, 0, 2),
    ]
    # in both zones the 11th is not over
    assert pipeline.query(BOUGHT) == [
        ("app.plain", ninth, 0, 10, 1),
        ("app.plain", ninth, 1, 10, 1),
        ("app.plain", tenth, 0, 10, 0),
        ("app.tokyo", ninth, 0, 10, 0),
        ("app.tokyo", ninth, 1, 10, 0),
        ("app.tokyo", tenth, 0, 10, 2),
    ]

    # late: the microsecond before midnight in Tokyo, which is the install now; and a newest load
    # with which the 11th is over in Tokyo, and not in UTC
    pipeline.load(
        [
            *both("2024-03-09 14:59:59.999999", "2024-03-11 15:00:00"),
            *both("2024-03-10 15:00:00", "2024-03-11 15:00:00", "app_open"),
        ]
    )
    assert pipeline.query(DAYS) == [
        ("app.plain", ninth, 0, 1),
        ("app.plain", tenth, 1, 2),
        ("app.tokyo", ninth, 0, 1),
        ("app.tokyo", tenth, 1, 1),
        ("app.tokyo", eleventh, 2, 1),
    ]
    assert pipeline.query(
        "select last_complete_date from marts.mart_as_of where feed = 'events'"
    ) == [(tenth,)]
    assert pipeline.query(BOUGHT) == [
        ("app.plain", ninth, 0, 10, 1),
        ("app.plain", ninth, 1, 10, 2),
        ("app.plain", tenth, 0, 10, 0),
        ("app.tokyo", ninth, 0, 10, 1),
        ("app.tokyo", ninth, 1, 10, 1),
        ("app.tokyo", tenth, 0, 10, 0),
        ("app.tokyo", tenth, 1, 10, 0),
    ]
    assert_equal_tables(pipeline, pipeline.rebuilt())

    # another zone is applied to all history, and cuts no session anew
    zones(app_tokyo="America/New_York")
    said = {
        result.node.name: result.message
        for result in pipeline.run().output.results
        if result.node and result.node.resource_type == "model"
    }
    assert said["int_sessions"] == said["int_event_log"] == "none"
    assert said["fct_sessions"] == said["fct_installs"] == "all, its SQL changed"
    assert pipeline.query(DAYS)[2:] == [
        ("app.tokyo", ninth, 0, 2),
        ("app.tokyo", tenth, 1, 1),
    ]
    assert_equal_tables(pipeline, pipeline.rebuilt("moved"))
    # a zone that is that of the others, too, is none of its own
    for zone in ("Asia/Tokio", "JST"):
        zones(app_plain="", app_tokyo=zone)
        said = str(pipeline.run(check=False))
        assert "row app_id='app.tokyo' platform='', reporting_timezone: must be the name" in said
        assert f"got '{zone}'" in said
