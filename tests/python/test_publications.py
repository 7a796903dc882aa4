"""Publications of spend and ad revenue: the newest of a key counts, its lines add up.

What comes out is compared with the raw files themselves, summed by `reference.py`, outside dbt.
"""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import reference
from pipeline import Pipeline
from reference import AD_REVENUE, AD_SPEND, AdFeed, micros, moment_of
from streams import stream_config

FEEDS = {"ad_spend": AD_SPEND, "ad_revenue": AD_REVENUE}
NEWEST_EVENT_LOAD = micros("2024-04-10 00:00:00")
HEADER = {
    "ad_spend": "spend_date,app_id,platform,channel,campaign_id,campaign_name,country,spend,"
    "currency,impressions,clicks,reported_installs,updated_at,loaded_at",
    "ad_revenue": "revenue_date,app_id,platform,country,ad_network,revenue,currency,impressions,"
    "updated_at,loaded_at",
}


def events(pipeline: Pipeline) -> None:
    """One install and a visit on day 1, so that there are events, and a newest load of them."""
    pipeline.add(
        [
            {
                "provider": "generic",
                "event_id": "e1",
                "app_id": "app.plain",
                "platform": "ios",
                "device_id": "d1",
                "event_name": "install",
                "campaign_id": "c1",
                "channel": "google",
                "event_at": micros("2024-03-01 10:00:00"),
                "loaded_at": NEWEST_EVENT_LOAD,
            },
            {
                "provider": "generic",
                "event_id": "e2",
                "app_id": "app.plain",
                "platform": "ios",
                "device_id": "d1",
                "event_name": "app_open",
                "event_at": micros("2024-03-02 10:30:00"),
                "loaded_at": NEWEST_EVENT_LOAD,
            },
        ]
    )


def write(pipeline: Pipeline, feed: str, name: str, lines: Iterable[str]) -> None:
    """A file of a feed, lines as they are written."""
    folder = pipeline.raw / feed
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.csv").write_text("\n".join([HEADER[feed], *lines]) + "\n")


# --------------------------------------------------------------------------------- case by case

# name: (files, each a list of (date, spend, currency, updated_at, loaded_at), dollars or reasons)
EARLY, LATE = "2024-03-05 00:00:00", "2024-03-06 00:00:00"
CASES: dict[str, tuple[list[list[tuple[str, ...]]], list[Any]]] = {
    "two ad sets, one updated_at": (
        [[("2024-03-01", "10", "USD", EARLY, LATE), ("2024-03-01", "8", "USD", EARLY, LATE)]],
        ["18"],
    ),
    "two ad sets, no updated_at": (
        [[("2024-03-01", "10", "USD", "", LATE), ("2024-03-01", "8", "USD", "", LATE)]],
        ["18"],
    ),
    "two currencies": (
        [[("2024-03-01", "10", "USD", "", LATE), ("2024-03-01", "10", "EUR", "", LATE)]],
        ["20.8"],
    ),
    "a day restated by a newer file": (
        [[("2024-03-01", "100", "USD", "", EARLY)], [("2024-03-01", "60", "USD", "", LATE)]],
        ["60"],
    ),
    "a day restated, files in the other order": (
        [[("2024-03-01", "60", "USD", "", LATE)], [("2024-03-01", "100", "USD", "", EARLY)]],
        ["60"],
    ),
    "a year without its century": (
        [[("0024-03-01", "5", "USD", "", LATE), ("2024-03-01", "7", "USD", "", LATE)]],
        ["spend_date_too_old", "7"],
    ),
    "a day in 2099": (
        [[("2099-12-31", "5", "USD", LATE, LATE), ("2024-03-01", "7", "USD", LATE, LATE)]],
        ["7", "spend_date_in_future"],
    ),
    "an updated_at in 2099": (
        [
            [("2024-03-01", "5", "USD", "2099-01-01 00:00:00", EARLY)],
            [("2024-03-01", "6", "USD", LATE, LATE)],
        ],
        ["6"],
    ),
    "a credit": (
        [[("2024-03-01", "23212.25", "USD", "", LATE), ("2024-03-01", "-6.18", "USD", "", LATE)]],
        ["23206.07"],
    ),
    "a currency that nobody knows": (
        [[("2024-03-01", "5", "XXX", LATE, LATE), ("2024-03-01", "6", "USD", EARLY, EARLY)]],
        ["unknown_currency", "6"],
    ),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    """All cases in one build, each an app of its own."""
    pipeline = Pipeline(tmp_path_factory.mktemp("cases"))
    events(pipeline)
    # what the install's user cost is less than what was credited
    write(
        pipeline,
        "ad_spend",
        "credit",
        [f"2024-03-01,app.plain,ios,google,c1,name,,-3,USD,1,1,1,{LATE},{LATE}"],
    )
    for app, (files, _) in enumerate(CASES.values()):
        for number, lines in enumerate(files):
            write(
                pipeline,
                "ad_spend",
                f"{app}_{number}",
                [
                    f"{on},app{app},ios,google,c1,name,,{amount},{currency},1,1,1,{updated},{loaded}"
                    for on, amount, currency, updated, loaded in lines
                ],
            )
    pipeline.run()
    return pipeline


@pytest.mark.parametrize("name", CASES)
def test_case(built: Pipeline, name: str):
    app = list(CASES).index(name)
    counted = built.query(
        f"select spend_date, spend_usd from core.fct_ad_spend where app_id = 'app{app}'"
    )
    refused = built.query(
        f"select spend_date, rejection_reason from intermediate.int_ad_spend"
        f" where app_id = 'app{app}' and rejection_reason is not null"
    )
    expected = CASES[name][1]
    assert {value for _, value in refused} == {value for value in expected if "_" in value}
    assert {value for _, value in counted} == {
        Decimal(value) for value in expected if "_" not in value
    }
    in_marts = built.query(
        f"select sum(spend) from marts.mart_campaigns_n_day where app_id = 'app{app}' and day_n = 0"
    )
    assert in_marts == [(sum(value for _, value in counted),)]


def test_refused_days_have_no_dates_and_mature_nobody(built: Pipeline):
    assert built.query("select min(date_day), max(date_day) from core.dim_dates") == [
        (date(2024, 3, 1), date(2024, 3, 2))
    ]


def test_a_credit_larger_than_the_costs_is_no_failure(built: Pipeline):
    costs = built.query(
        "select day_n, cpm_n_day_sessions, cpm_cumulative_n_day_sessions from marts.mart_cpm_n_day"
        " where app_id = 'app.plain' and day_n < 2 order by day_n"
    )
    assert costs == [(0, -3000, -3000), (1, -3000, -1500)]
    cpm = "assert_cumulative_cpm_never_rises"
    built.dbt(
        "test", "--select", "mart_campaigns_daily", "mart_campaigns_n_day", "mart_cpm_n_day", cpm
    )


def test_a_file_is_a_publication_and_an_archived_one_keeps_its_days(tmp_path: Path):
    """Without times in the rows the file's own time says which is newer; dates are as written."""
    pipeline = Pipeline(tmp_path, select=["+fct_ad_spend", "+mart_rejections"])
    events(pipeline)
    folder = pipeline.raw / "ad_spend"
    folder.mkdir()

    def put(name: str, modified: str, *days: tuple[str, str]) -> None:
        path = folder / name
        lines = [f"{on},app.plain,ios,google,c1,{amount}" for on, amount in days]
        path.write_text("\n".join(["spend_date,app_id,platform,channel,campaign_id,spend", *lines]))
        at = micros(modified) / 1_000_000
        os.utime(path, (at, at))

    put("b.csv", "2024-03-05 00:00:00", ("2024-03-01", "100"), ("20240302", "5"))
    put("a.csv", "2024-03-06 00:00:00", ("2024-03-01", "60"), ("2024-03-03T00:00:00+09:00", "7"))
    wanted = [(date(2024, 3, 1), 60), (date(2024, 3, 2), 5), (date(2024, 3, 3), 7)]
    counted = "select spend_date, spend_usd::integer from core.fct_ad_spend order by 1"
    pipeline.run()
    assert pipeline.query(counted) == wanted

    (folder / "b.csv").unlink()
    put("c.csv", "2024-03-07 00:00:00", ("2024-03-03", "8"), ("2024-03-09", "9"))
    pipeline.run()
    assert pipeline.query(counted) == [*wanted[:2], (date(2024, 3, 3), 8)]
    assert pipeline.query(
        "select kind, rejection_reason, row_count from marts.mart_rejections"
        " where feed = 'ad_spend' order by 1, 2"
    ) == [
        ("row_refused", "spend_date_in_future", 1),
        ("superseded", "older_publication", 1),
        ("superseded", "older_publication", 1),
    ]


# ------------------------------------------------------------------------------- random feeds


def random_lines(generator: random.Random, feed: AdFeed, loads: int) -> list[dict[str, Any]]:
    """Days of a few keys, restated and added to, some lines said again by a later load."""
    rows: list[dict[str, Any]] = []
    for load in range(loads):
        loaded_at = micros("2024-03-20 05:00:00") + load * reference.MICROS_PER_DAY
        dated = generator.random() < 0.6
        for _ in range(generator.randint(1, 30)):
            row: dict[str, Any] = {
                feed.date: date(2024, 3, generator.randint(1, 9)),
                "app_id": generator.choice(("app.plain", "app.plain", "")) or None,
                "platform": generator.choice(("ios", "android")),
                "country": generator.choice((None, "DE")),
                "currency": generator.choice(("USD", "EUR", "JPY", "XXX")),
                feed.amount: Decimal(generator.randint(-300, 3000)) / 100,
                "updated_at": loaded_at - generator.randint(0, 1) * 3_600_000_000
                if dated
                else None,
                "loaded_at": loaded_at,
            }
            if feed is AD_SPEND:
                row["channel"] = generator.choice(("net one", "net two", None))
                row["campaign_id"] = generator.choice(("c1", "c2", None))
                row["campaign_name"] = generator.choice(("one", "two", None))
            else:
                row["ad_network"] = generator.choice(("n1", None))
            for count in feed.counts:
                row[count] = generator.choice((None, Decimal(-1), Decimal(7), Decimal(7)))
            if generator.random() < 0.1:
                row[feed.date] = generator.choice((date(2099, 1, 1), date(24, 3, 1), None))
            rows += [row] * generator.choice((1, 1, 1, 2))
        for row in generator.sample(rows, min(len(rows), 5)):
            rows.append(row | {"loaded_at": loaded_at})
    return [row | {"provider": "generic"} for row in rows]


def as_text(value: Any, column: str) -> str:
    """A value as a file has it."""
    if value is None:
        return ""
    if column.endswith("_at"):
        return f"{moment_of(value):%Y-%m-%d %H:%M:%S.%f}"
    return f"{value:%Y-%m-%d}".rjust(10, "0") if isinstance(value, date) else str(value)


def test_what_counts_is_what_the_files_say(tmp_path: Path):
    generator = random.Random(1)
    pipeline = Pipeline(tmp_path, vars={"as_of": "2030-01-01", "n_days": [0]})
    events(pipeline)
    said = {}
    for name, feed in FEEDS.items():
        rows = random_lines(generator, feed, loads=8)
        columns = HEADER[name].split(",")
        by_load: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            by_load[row["loaded_at"]].append(row)
        for load, lines in by_load.items():
            write(
                pipeline,
                name,
                str(load),
                [",".join(as_text(line.get(c), c) for c in columns) for line in lines],
            )
        said[name] = [row | {"file_name": str(row["loaded_at"])} for row in rows]
        for row in said[name] if feed is AD_SPEND else []:  # a campaign without an id is its name
            row["campaign_id"] = row["campaign_id"] or row["campaign_name"]
    pipeline.run()
    pipeline.dbt(
        "test",
        "--select",
        "assert_spend_in_is_spend_out",
        "assert_ad_revenue_in_is_allocated_or_unallocated",
    )
    for name, feed in FEEDS.items():
        expected = reference.ad_facts(said[name], feed, stream_config(), NEWEST_EVENT_LOAD)
        compared = [
            *feed.key, "currency", feed.amount, f"{feed.amount}_usd", *feed.counts, "line_count"
        ]  # fmt: skip
        actual = pipeline.query(f"select {', '.join(compared)} from core.fct_{name}")
        wanted = [tuple(fact.get(column) for column in compared) for fact in expected]
        assert sorted(actual, key=repr) == sorted(map(normal, wanted), key=repr)
        # every row is counted, superseded or refused
        rows = pipeline.query(
            "select count(*), sum(case when rejection_reason is not null then 1 else 0 end),"
            " sum(case when is_superseded then 1 else 0 end)"
            f" from intermediate.int_{name}"
        )[0]
        lines = sum(fact["line_count"] for fact in expected)
        assert rows[0] == len(said[name]) == rows[1] + rows[2] + lines
        assert rows[1] == sum(
            reference.feed_rejection_reason(row, feed, stream_config(), NEWEST_EVENT_LOAD)
            is not None
            for row in said[name]
        )
        # to the cent, also in the marts
        total = sum(fact[f"{feed.amount}_usd"] for fact in expected)
        if feed is AD_SPEND:
            assert pipeline.query("select sum(spend) from marts.mart_campaigns_n_day") == [(total,)]
        else:
            assert pipeline.query("select sum(revenue_usd) from core.fct_ad_revenue") == [(total,)]


def normal(row: tuple) -> tuple:
    """Decimals with the six places that the tables have."""
    return tuple(
        value.quantize(Decimal("0.000001")) if isinstance(value, Decimal) else value
        for value in row
    )
