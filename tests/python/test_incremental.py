"""Incremental loads equal a full refresh and the reference: random streams through real dbt runs.

Each build holds many streams, whose users and ids never meet, so hundreds of streams cost a few
dbt runs. `make prove` runs the same for as long as one likes.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from pipeline import (
    INCREMENTAL,
    Pipeline,
    assert_equal_tables,
    assert_equals_reference,
)
from streams import (
    RandomChooser,
    Row,
    batches_hostile,
    batches_in_order,
    random_stream,
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
    pipeline = Pipeline(folder, vars=vars)
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


def _defaults(session_timeout_seconds: int):
    from reference import SessionSettings

    return SessionSettings(session_timeout_seconds=session_timeout_seconds)


@pytest.mark.parametrize("table", sorted(INCREMENTAL))
def test_every_incremental_table_is_compared(table: str):
    from pipeline import BOOKKEEPING

    assert table not in BOOKKEEPING
