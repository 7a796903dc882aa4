"""Days of cohorts change from the first date that may differ on, and are as in a full refresh.

What changes them without an event of theirs, or before what is known already, is worked out by
hand.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from pipeline import Pipeline, assert_equal_tables, reasons
from reference import micros
from streams import Row
from test_change import Edited

MODELS = [
    "+int_cohort_days",
    "+mart_cohorts_n_day",
    "+mart_cohorts_by_country_n_day",
    "+mart_campaign_quality",
]
USERS = {"ann": "DE", "ben": "US", "cat": "DE"}
INSTALLED_AT = "2025-03-01 10:00:00"
REVENUE = "revenue_date,app_id,platform,country,ad_network,revenue,currency,impressions,updated_at"


def event(user: str, at: str, loaded_at: str, name: str = "level", **more: str) -> Row:
    """An event of one of the users."""
    return {
        "event_id": f"{user} {at} {name}",
        "app_id": "app.plain",
        "platform": "ios",
        "device_id": user,
        "country": USERS[user],
        "event_name": name,
        "event_at": micros(at),
        "loaded_at": micros(loaded_at),
    } | more


def report(pipeline: Pipeline, name: str, amounts: dict[str, dict[str, int]], at: str) -> None:
    """A file of a network's daily revenue, by date and country."""
    folder = pipeline.raw / "ad_revenue"
    folder.mkdir(exist_ok=True)
    lines = [
        f"{date},app.plain,ios,{country},net,{amount},USD,1,{at}"
        for date, countries in amounts.items()
        for country, amount in countries.items()
    ]
    (folder / f"{name}.csv").write_text("\n".join([REVENUE, *lines]) + "\n")


def days(pipeline: Pipeline) -> list[tuple]:
    """Of cohorts by day N: users active, last seen, back, with their first revenue; revenue."""
    return pipeline.query(
        "select campaign_id, cast(day_n as integer), active_users, last_seen_users, returned_users,"
        " new_revenue_users, cast(ad_revenue as double)"
        " from intermediate.int_cohort_days order by all"
    )


def revenue_of_countries(pipeline: Pipeline) -> dict[tuple[str, int], float]:
    """Ad revenue by country of the install and day N."""
    return {
        (country, day_n): revenue
        for country, day_n, revenue in pipeline.query(
            "select install_country, cast(day_n as integer), cast(ad_revenue as double)"
            " from intermediate.int_cohort_cells where ad_revenue <> 0"
        )
    }


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    """Two users of an organic install, back on day 3, and what a network paid for it."""
    pipeline = Pipeline(tmp_path, vars={"load_lookback_days": 5000}, select=MODELS)
    report(pipeline, "first", {"2025-03-04": {"DE": 1, "US": 3}}, "2025-03-05 00:00:00")
    pipeline.load(
        [
            event(user, at, "2025-03-05 00:00:00", name)
            for user in ("ann", "ben")
            for at, name in ((INSTALLED_AT, "install"), ("2025-03-04 12:00:00", "level"))
        ]
    )
    assert days(pipeline) == [("(organic)", 0, 2, 0, 0, 0, 0), ("(organic)", 3, 2, 2, 2, 2, 4)]
    return pipeline


def test_a_restated_day_of_a_network_is_shared_anew_without_an_event(pipeline: Pipeline):
    # countries changed places, so that no sum of the day is another one
    report(pipeline, "second", {"2025-03-04": {"DE": 3, "US": 1}}, "2025-03-06 00:00:00")
    said = reasons(pipeline.run())
    assert said["int_install_days"] == "touched, fct_ad_revenue changed"
    assert revenue_of_countries(pipeline) == {("DE", 3): 3, ("US", 3): 1}
    # a day without revenue before: now it is the first with some
    report(pipeline, "third", {"2025-03-01": {"DE": 5}}, "2025-03-07 00:00:00")
    said = reasons(pipeline.run())
    assert said["int_install_days"] == "touched, fct_ad_revenue changed"
    assert days(pipeline) == [("(organic)", 0, 2, 0, 0, 1, 5), ("(organic)", 3, 2, 2, 2, 1, 4)]
    assert_equal_tables(pipeline, pipeline.rebuilt())


def test_two_dates_of_a_network_that_change_places_are_shared_anew(pipeline: Pipeline):
    pipeline.load([event("ben", "2025-03-05 12:00:00", "2025-03-06 00:00:00")])
    amounts = {"2025-03-04": {"US": 10}, "2025-03-05": {"US": 20}}
    report(pipeline, "second", amounts, "2025-03-06 00:00:00")
    pipeline.run()
    assert revenue_of_countries(pipeline) == {("DE", 3): 1, ("US", 3): 10, ("US", 4): 20}
    # of no day N with activity only one of the two dates is near
    amounts = {"2025-03-04": {"US": 20}, "2025-03-05": {"US": 10}}
    report(pipeline, "third", amounts, "2025-03-07 00:00:00")
    pipeline.run()
    assert revenue_of_countries(pipeline) == {("DE", 3): 1, ("US", 3): 20, ("US", 4): 10}
    assert_equal_tables(pipeline, pipeline.rebuilt())


def test_a_model_that_reads_these_days_alone_learns_of_a_restated_day(
    pipeline: Pipeline, tmp_path: Path
):
    edited = Edited(pipeline, tmp_path / "edited")
    mine = edited.project / "models" / "marts" / "mine.sql"
    mine.write_text(
        "select install_country, sum(ad_revenue) as ad_revenue\n"
        "from {{ ref('int_install_days') }}\ngroup by install_country\n"
    )
    edited.pipeline.select = ["--select", "+mine"]
    for amounts in ({"DE": 1, "US": 3}, {"DE": 3, "US": 1}):
        report(edited.pipeline, "second", {"2025-03-04": amounts}, "2025-03-06 00:00:00")
        edited.run()
        assert dict(edited.pipeline.query("select * from marts.mine")) == amounts
    assert edited.run()["mine"] == "none"


def test_a_user_who_comes_changes_what_others_have_of_the_day(pipeline: Pipeline):
    # 3 of US stay, 1 of DE is shared
    said = reasons(
        pipeline.load(
            [
                event("cat", INSTALLED_AT, "2025-03-08 00:00:00", "install", campaign_id="c"),
                event("cat", "2025-03-04 13:00:00", "2025-03-08 00:00:00"),
            ]
        )
    )
    assert said["int_install_days"].startswith("touched, 1 user since 2025-03-01")
    assert days(pipeline) == [
        ("(organic)", 0, 2, 0, 0, 0, 0),
        ("(organic)", 3, 2, 2, 2, 2, 3.5),
        ("c", 0, 1, 0, 0, 0, 0),
        ("c", 3, 1, 1, 1, 1, 0.5),
    ]
    assert_equal_tables(pipeline, pipeline.rebuilt())


def test_a_return_that_is_told_late_and_an_install_that_moves(pipeline: Pipeline):
    # day 2, and its second date, of one who is known to have been there on day 3
    said = reasons(
        pipeline.load(
            [
                event("ann", "2025-03-03 20:00:00", "2025-03-09 00:00:00"),
                event("ann", "2025-03-04 08:00:00", "2025-03-09 00:00:00"),
            ]
        )
    )
    assert said["int_install_days"].startswith("touched, 1 user since 2025-03-03")
    assert days(pipeline) == [
        ("(organic)", 0, 2, 0, 0, 0, 0),
        ("(organic)", 2, 1, 0, 1, 1, 0.5),
        ("(organic)", 3, 2, 2, 1, 1, 3.5),
    ]
    # the provider tells of an earlier install, by a campaign: other days N, in another cohort
    pipeline.load(
        [
            event("ann", "2025-02-27 10:00:00", "2025-03-10 00:00:00", "install", campaign_id="c"),
        ]
    )
    assert [day[:5] for day in days(pipeline)] == [
        ("(organic)", 0, 1, 0, 0),
        ("(organic)", 3, 1, 1, 1),
        ("c", 0, 1, 0, 0),
        ("c", 2, 1, 0, 1),
        ("c", 4, 1, 0, 0),
        ("c", 5, 1, 1, 0),
    ]
    assert_equal_tables(pipeline, pipeline.rebuilt())
