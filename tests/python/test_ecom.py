"""Somebody else's sessions: the labelled e-commerce clickstream of retentioneering.

31,106 events of a shop, 3,605 sessions labelled by their maker. The whole pipeline must find
exactly these, loaded in two parts, and so must retentioneering's own `split_sessions`.
"""

from __future__ import annotations

import csv
import gzip
import importlib.util
import os
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest
from pipeline import Pipeline, assert_equal_tables
from reference import MICROS_PER_DAY, micros
from streams import Row

EVENT_COUNT = 31_106
SESSION_COUNT = 3_605
TIMEOUT = "30m"

Session = tuple[str, int, int, int]  # user, first and last event, number of events


@pytest.fixture(scope="module")
def clicks() -> list[dict[str, str]]:
    """The labelled events, as text."""
    package = importlib.util.find_spec("retentioneering")
    assert package is not None, "retentioneering is missing: install requirements/dev.txt"
    path = Path(package.submodule_search_locations[0]) / "datasets" / "ecom.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def labelled(clicks: list[dict[str, str]]) -> list[Session]:
    """The sessions that the labels mean."""
    return sessions_of((row["session_id"], row["user_id"], row["timestamp"]) for row in clicks)


def sessions_of(labels: Iterable[tuple[str, str, str]]) -> list[Session]:
    """Sessions of events given as (session, user, time)."""
    times: dict[tuple[str, str], list[int]] = defaultdict(list)
    for session, user, at in labels:
        times[(user, session)].append(micros(at))
    return sorted((user, min(own), max(own), len(own)) for (user, _), own in times.items())


def as_row(click: dict[str, str], number: int) -> Row:
    """A click as a row of the `generic` layout, landed at the midnight after it."""
    at = micros(click["timestamp"])
    return {
        "event_id": f"click-{number}",
        "app_id": "app.plain",
        "platform": "web",
        "device_id": click["user_id"],
        "event_name": click["event"],
        "event_at": at,
        "loaded_at": (at // MICROS_PER_DAY + 1) * MICROS_PER_DAY,
        "channel": click["acquisition_channel"],
    }


def test_the_data_is_what_it_was(clicks: list[dict[str, str]], labelled: list[Session]):
    assert len(clicks) == EVENT_COUNT
    assert len(labelled) == SESSION_COUNT


def test_all_labelled_sessions_are_found(
    tmp_path: Path, clicks: list[dict[str, str]], labelled: list[Session]
):
    rows = [as_row(click, number) for number, click in enumerate(clicks)]
    rows.sort(key=lambda row: (row["loaded_at"], row["event_id"]))
    pipeline = Pipeline(tmp_path, select=["+mart_users"])
    half = len(rows) // 2  # in the middle of a load
    pipeline.load(rows[:half])
    pipeline.load(rows[half:])
    found = pipeline.query(
        "select user_id, epoch_us(started_at), epoch_us(ended_at), event_count"
        " from core.fct_sessions order by all"
    )
    assert len(set(found) & set(labelled)) == SESSION_COUNT
    assert found == labelled
    assert_equal_tables(pipeline, pipeline.rebuilt())


def test_split_sessions_of_retentioneering_agrees(
    monkeypatch: pytest.MonkeyPatch, clicks: list[dict[str, str]], labelled: list[Session]
):
    monkeypatch.setitem(os.environ, "RETENTIONEERING_NO_TRACK", "1")
    import pandas
    import retentioneering

    frame = pandas.DataFrame(clicks)[["user_id", "event", "timestamp"]]
    frame["timestamp"] = pandas.to_datetime(frame["timestamp"])
    stream = retentioneering.Eventstream(frame, {"path_cols": ["user_id"]})
    split = stream.split_sessions(timeout=TIMEOUT).to_dataframe()
    split = split[split["event"].isin({click["event"] for click in clicks})]
    theirs = sessions_of(
        (str(session), user, str(at))
        for session, user, at in zip(
            split["session_id"], split["user_id"], split["timestamp"], strict=True
        )
    )
    assert theirs == labelled
