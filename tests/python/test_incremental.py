"""Incremental loads equal a full refresh and the reference: random streams through real dbt runs.

Each build holds many streams, whose users and ids never meet, so hundreds of streams cost a few
dbt runs. `make prove` runs the same for as long as one likes.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pipeline import (
    INCREMENTAL,
    Pipeline,
    assert_equal_tables,
    assert_equals_reference,
)
from reference import MICROS_PER_DAY
from streams import (
    RandomChooser,
    Row,
    batches_hostile,
    batches_in_order,
    file_plan,
    random_stream,
    rows_of,
    stream_config,
)

STREAMS_PER_BUILD = 200


def many_streams(first_seed: int, count: int = STREAMS_PER_BUILD) -> list[list[Row]]:
    """Streams of consecutive seeds; each seed is its own name, so they share a build."""
    return [random_stream(seed) for seed in range(first_seed, first_seed + count)]


def merged(batches: list[list[list[Row]]]) -> list[list[Row]]:
    """The k-th loads of all streams as one load."""
    return [[row for stream in load for row in stream] for load in zip(*batches, strict=True)]


def assert_loads_are_exact(
    folder: Path, loads: list[list[Row]], vars: dict | None = None, config: dict | None = None
) -> Pipeline:
    """Load by load equals all at once and the reference; another run changes nothing at all."""
    pipeline = Pipeline(folder, vars=vars, predicts=True)
    for rows in loads:
        pipeline.load(rows)
    all_rows = [row for rows in loads for row in rows]
    assert_equals_reference(pipeline, all_rows, stream_config(**(config or {})))
    full = pipeline.rebuilt()
    assert_equal_tables(pipeline, full)
    assert_nothing_new_changes_nothing(pipeline)
    assert_equal_tables(pipeline, full)
    return pipeline


def assert_nothing_new_changes_nothing(pipeline: Pipeline) -> None:
    """One more run writes no row of an incremental table, not even the same row again."""
    before = pipeline.fingerprints()
    pipeline.run()
    assert pipeline.fingerprints() == before


def test_loads_in_order_equal_a_full_refresh_and_the_reference(tmp_path: Path):
    generator = random.Random(1)
    loads = merged(
        [batches_in_order(stream, 3, RandomChooser(generator)) for stream in many_streams(1000)]
    )
    # streams have calendars of their own: what one loads first is old news to the others
    assert_loads_are_exact(tmp_path, loads, vars={"load_lookback_days": 5000})


def test_hostile_loads_within_the_lookback_equal_a_full_refresh_and_the_reference(tmp_path: Path):
    rows = [row for stream in many_streams(2000) for row in stream]
    loads = batches_hostile(rows, 3, RandomChooser(random.Random(2)))
    assert_loads_are_exact(tmp_path, loads)


def test_loads_in_any_order_equal_a_full_refresh_and_the_reference(tmp_path: Path):
    generator = random.Random(3)
    loads: list[list[Row]] = [[] for _ in range(3)]
    for stream in many_streams(3000):
        for row in stream:
            loads[generator.randrange(len(loads))].append(row)
    assert_loads_are_exact(
        tmp_path,
        loads,
        vars={
            "load_lookback_days": 5000,
            "cohort_day_basis": "calendar",
            "reporting_timezone": "America/New_York",
            "infer_installs": False,
            "session_timeout_seconds": 600,
            "reinstall_window_days": 30,
        },
        config={
            "cohort_day_basis": "calendar",
            "reporting_timezone": "America/New_York",
            "infer_installs": False,
            "defaults": _defaults(600),
            "reinstall_window_days": 30,
        },
    )


def test_files_that_are_replaced_archived_split_and_merged_equal_all_files_at_once(tmp_path: Path):
    generator = random.Random(7)
    loads: list[list[Row]] = [[] for _ in range(5)]
    for stream in many_streams(7000, 60):
        for row in stream:
            loads[generator.randrange(len(loads))].append(row)
    plan = file_plan(loads, RandomChooser(generator))
    pipeline = Pipeline(tmp_path)
    for changes in plan:
        pipeline.deliver(changes)
        pipeline.run()
    assert_equals_reference(pipeline, rows_of(plan), stream_config())
    full = pipeline.rebuilt(raw=pipeline.kept)
    assert_equal_tables(pipeline, full)
    assert_nothing_new_changes_nothing(pipeline)


def test_feeds_beside_the_events_equal_a_full_refresh_after_every_load(tmp_path: Path):
    """Network revenue is shared among actors of whom nothing new is known, campaigns get other
    names and channels, days are restated: with events, and without."""
    generator = random.Random(4)
    rows = [row for stream in many_streams(4000, 60) for row in stream]
    rows.sort(key=lambda row: (row["loaded_at"] is not None, row["loaded_at"] or 0))
    days = sorted(
        {
            (row["event_at"] // MICROS_PER_DAY, row["app_id"], row["platform"])
            for row in rows
            if row["app_id"] and row["platform"] and isinstance(row["event_at"], int)
        }
    )
    pipeline = Pipeline(tmp_path, vars={"load_lookback_days": 5000})
    for feed in ("ad_revenue", "ad_spend"):
        (pipeline.raw / feed).mkdir()

    def add_feeds(load: int, revenue: bool, spend: bool) -> None:
        known = days[: len(days) * (load + 1) // 5]
        lines = {"ad_revenue": [], "ad_spend": []}
        for day, app_id, platform in generator.sample(known, len(known) // 3):
            date = f"{datetime.fromtimestamp(day * 86_400, UTC):%Y-%m-%d}"
            amount = f"{generator.randrange(1, 10_000) / 100}"
            at = f"2030-01-{load + 1:02} 00:00:00"
            if revenue:
                country = generator.choice(("", "DE", "US"))
                lines["ad_revenue"].append(
                    f"{date},{app_id},{platform},{country},net,{amount},USD,10,{at}"
                )
            if spend:
                campaign, channel = generator.choice("123"), generator.choice("ab")
                lines["ad_spend"].append(
                    f"{date},{app_id},{platform},network_{channel},c{campaign},name {load},"
                    f",{amount},EUR,100,5,1,{at}"
                )
        headers = {
            "ad_revenue": "revenue_date,app_id,platform,country,ad_network,revenue,currency,"
            "impressions,updated_at",
            "ad_spend": "spend_date,app_id,platform,channel,campaign_id,campaign_name,country,"
            "spend,currency,impressions,clicks,reported_installs,updated_at",
        }
        for feed, found in lines.items():
            if found:
                path = pipeline.raw / feed / f"{load}.csv"
                path.write_text("\n".join([headers[feed], *found]) + "\n")

    parts = [rows[len(rows) * n // 3 : len(rows) * (n + 1) // 3] for n in range(3)]
    for load, (part, revenue, spend) in enumerate(
        [
            (parts[0], True, True),
            (parts[1], False, False),
            ([], False, True),
            (parts[2], True, False),
            ([], True, False),
        ]
    ):
        add_feeds(load, revenue, spend)
        if part:
            pipeline.add(part)
        pipeline.run()
        assert_equal_tables(pipeline, pipeline.rebuilt(f"full_{load}"))
    shared = pipeline.query(
        "select count(*) from core.fct_ad_revenue as r join core.fct_user_days as d "
        "on r.app_id = d.app_id and r.platform = d.platform and r.revenue_date = d.activity_date"
    )
    assert shared[0][0] > 100
    assert_nothing_new_changes_nothing(pipeline)


def test_models_that_a_run_left_out_catch_up(tmp_path: Path):
    """What is above a model may be behind it; whoever consumed too early would stay wrong."""
    generator = random.Random(5)
    left_out = [
        ["dim_dates"],
        ["int_install_clues"],
        ["int_sessions"],
        ["fct_installs", "dim_users"],
        ["fct_sessions"],
        ["fct_user_days", "dim_campaigns"],
    ]
    rows = [row for stream in many_streams(5000, 60) for row in stream]
    rows.sort(key=lambda row: (row["loaded_at"] is not None, row["loaded_at"] or 0))
    pipeline = Pipeline(tmp_path, vars={"load_lookback_days": 5000})
    size = len(rows) // (len(left_out) + 1)
    pipeline.load(rows[:size])
    for number, models in enumerate(left_out, 1):
        part = rows[size * number : size * (number + 1) if number < len(left_out) else None]
        generator.shuffle(part)
        pipeline.add(part)
        pipeline.run("--exclude", *models)
    pipeline.run()
    assert_equal_tables(pipeline, pipeline.rebuilt())
    with pipeline.connect(read_only=False) as connection:
        connection.execute("update seeds.exchange_rates set usd_per_unit = usd_per_unit * 2")
    pipeline.run("--exclude", "dim_dates", vars={"reporting_currency": "EUR"})
    pipeline.run(vars={"reporting_currency": "EUR"})
    assert_equal_tables(pipeline, pipeline.rebuilt("euros", vars={"reporting_currency": "EUR"}))


def test_layers_built_one_after_the_other_equal_a_full_refresh(tmp_path: Path):
    """As schedulers with a task per layer do it, on an empty database and with more to add."""
    rows = [row for stream in many_streams(6000, 60) for row in stream]
    random.Random(6).shuffle(rows)
    pipeline = Pipeline(tmp_path, vars={"load_lookback_days": 5000}, predicts=True)
    for number, part in enumerate((rows[: len(rows) // 2], rows[len(rows) // 2 :])):
        pipeline.add(part)
        for selected in ("+staging", "+core", "+marts", "intermediate"):
            pipeline.run("--select", selected)
        assert_equal_tables(pipeline, pipeline.rebuilt(f"full_{number}"))
    assert_nothing_new_changes_nothing(pipeline)


def test_dates_on_which_nothing_happened_are_counted_too(tmp_path: Path):
    """A silence of forty days: WAU and MAU fade out on dates between two loads."""
    event = {"app_id": "app.plain", "platform": "ios", "event_name": "level"}
    pipeline = Pipeline(tmp_path, select=["+mart_daily_engagement"])
    for day, device in ((0, "one"), (1, "two"), (41, "one"), (90, "three")):
        at = 1_704_067_200_000_000 + day * MICROS_PER_DAY
        row = event | {"event_id": f"e{day}", "device_id": device, "event_at": at}
        pipeline.load([row | {"loaded_at": at}])
    dates = dict(
        pipeline.query(
            "select cast(activity_date - date '2024-01-01' as integer), [dau, wau, mau] "
            "from marts.mart_daily_engagement"
        )
    )
    assert len(dates) == 91
    assert [dates[day] for day in (0, 1, 2, 6, 7, 8, 29, 30, 31)] == [
        [1, None, None],
        [1, None, None],
        [0, None, None],
        [0, 2, None],
        [0, 1, None],
        [0, 0, None],
        [0, 0, 2],
        [0, 0, 1],
        [0, 0, 0],
    ]
    assert [dates[day] for day in (40, 41, 70, 71, 89, 90)] == [
        [0, 0, 0],
        [1, 1, 1],
        [0, 0, 1],
        [0, 0, 0],
        [0, 0, 0],
        [1, 1, 1],
    ]
    assert_equal_tables(pipeline, pipeline.rebuilt())


def _defaults(session_timeout_seconds: int):
    from reference import SessionSettings

    return SessionSettings(session_timeout_seconds=session_timeout_seconds)


@pytest.mark.parametrize("table", sorted(INCREMENTAL))
def test_every_incremental_table_is_compared(table: str):
    from pipeline import BOOKKEEPING

    assert table not in BOOKKEEPING
