"""The reference itself, rule by rule, with expectations worked out by hand, and cross-checked on
random streams by a second formulation that applies the three start rules to the letter."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import reference
import streams
from reference import (
    Config,
    SessionSettings,
    cohort_cells,
    day_n,
    deduplicate,
    installs,
    micros,
    resolve_settings,
    sessionize,
    split_into_sessions,
    user_days,
)

NOON = micros("2024-03-01 12:00:00")
SECOND = 1_000_000
DAY = 86_400 * SECOND
TIMEOUT = 1800 * SECOND
GRACE = 5 * SECOND


def raw(at: int, name: str | None = "screen_view", **columns: Any) -> dict[str, Any]:
    """A staged row `at` microseconds after noon, loaded a day after it, with a unique id."""
    raw.count = getattr(raw, "count", 0) + 1
    row: dict[str, Any] = {
        "provider": "generic",
        "event_id": f"e{raw.count}",
        "app_id": "app.a",
        "platform": "ios",
        "device_id": "u1",
        "event_name": name,
        "event_at": NOON + at,
        "loaded_at": NOON + at + DAY,
    }
    return row | columns


def at_noon_plus(*rows: tuple[int, str]) -> list[dict[str, Any]]:
    """Rows of one actor from (offset, name) pairs."""
    return [raw(at, name) for at, name in rows]


def sessions_of(rows: Iterable[dict[str, Any]], **config: Any) -> list[dict[str, Any]]:
    """Sessions of raw rows under the default settings or the given ones."""
    settings = Config(**config)
    return sessionize(deduplicate(rows, settings).accepted, settings)


def starts(rows: Iterable[dict[str, Any]], **config: Any) -> list[tuple[int, str]]:
    """The sessions as (offset of the start from noon, start reason)."""
    return [(s["started_at"] - NOON, s["start_reason"]) for s in sessions_of(rows, **config)]


def only_session(rows: Iterable[dict[str, Any]], **config: Any) -> dict[str, Any]:
    """The one session of the rows."""
    (session,) = sessions_of(rows, **config)
    return session


# ------------------------------------------------------------------------------------ timeout


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (TIMEOUT - 1, [(0, "first")]),
        (TIMEOUT, [(0, "first"), (TIMEOUT, "timeout")]),
        (TIMEOUT + 1, [(0, "first"), (TIMEOUT + 1, "timeout")]),
        (0, [(0, "first")]),
    ],
)
def test_a_gap_of_the_timeout_or_more_starts_a_session(gap, expected):
    assert starts([raw(0), raw(gap)]) == expected


def test_a_chain_of_short_gaps_is_one_session_however_long():
    rows = [raw(step * (TIMEOUT - 1)) for step in range(200)]
    session = only_session(rows)
    assert session["ended_at"] - session["started_at"] == 199 * (TIMEOUT - 1)
    assert session["event_count"] == 200


def test_a_session_across_midnight_and_over_three_days_is_one():
    rows = [raw(step * 1000 * SECOND) for step in range(260)]  # 259,000 s = 2.998 days
    session = only_session(rows)
    assert session["session_date"] == date(2024, 3, 1)
    assert session["exceeds_max_length"] is True


def test_exceeds_max_length_begins_one_microsecond_above_the_maximum():
    config = {"defaults": SessionSettings(10, 5, 15)}
    at_maximum = [raw(0), raw(8 * SECOND), raw(15 * SECOND)]
    above = [raw(0), raw(8 * SECOND), raw(15 * SECOND + 1)]
    assert only_session(at_maximum, **config)["exceeds_max_length"] is False
    assert only_session(above, **config)["exceeds_max_length"] is True


def test_events_that_are_no_activity_neither_start_nor_extend_a_session():
    types = {("generic", "push"): ("in_app_event", False)}
    half = TIMEOUT // 2
    rows = [
        raw(-half, "push"),
        raw(0),
        raw(half, "push"),
        raw(TIMEOUT),
        raw(TIMEOUT + half, "push"),
    ]
    sessions = sessions_of(rows, event_types=types)
    assert [s["start_reason"] for s in sessions] == ["first", "timeout"]
    assert [s["event_count"] for s in sessions] == [1, 1]
    assert [s["ended_at"] - NOON for s in sessions] == [0, TIMEOUT]


def test_an_actor_with_no_activity_at_all_has_no_session():
    types = {("generic", "push"): ("in_app_event", False)}
    assert sessions_of([raw(0, "push")], event_types=types) == []


def test_actors_are_app_platform_and_user_together():
    rows = [
        raw(0),
        raw(1, app_id="app.b"),
        raw(2, platform="android"),
        raw(3, device_id="u2"),
        raw(4),
    ]
    found = {
        (s["app_id"], s["platform"], s["user_id"]): s["event_count"] for s in sessions_of(rows)
    }
    assert found == {
        ("app.a", "ios", "u1"): 2,
        ("app.b", "ios", "u1"): 1,
        ("app.a", "android", "u1"): 1,
        ("app.a", "ios", "u2"): 1,
    }


# ------------------------------------------------------------------------------------- reopens


@pytest.mark.parametrize(
    ("gap", "reopens"),
    [(1 * SECOND, False), (GRACE - 1, False), (GRACE, False), (GRACE + 1, True)],
)
def test_an_open_more_than_the_grace_after_a_close_is_a_reopen(gap, reopens):
    rows = at_noon_plus(
        (0, "app_open"), (60 * SECOND, "app_close"), (60 * SECOND + gap, "app_open")
    )
    expected = [(0, "first")] + ([(60 * SECOND + gap, "reopen")] if reopens else [])
    assert starts(rows) == expected


def test_with_no_grace_at_all_a_microsecond_is_enough_and_a_tie_is_not():
    config = {"defaults": SessionSettings(1800, 0, 86_400)}
    assert starts(at_noon_plus((0, "app_close"), (1, "app_open")), **config) == [
        (0, "first"),
        (1, "reopen"),
    ]
    assert starts(at_noon_plus((0, "app_close"), (0, "app_open")), **config) == [(0, "first")]


def at_seconds(*kinds: tuple[float, str]) -> list[dict[str, Any]]:
    """Rows some seconds after noon; `both` stands for an open and a close at one instant."""
    return at_noon_plus(
        *(
            (round(second * SECOND), kind)
            for second, what in kinds
            for kind in (("app_open", "app_close") if what == "both" else (what,))
        )
    )


def test_visits_within_one_second_are_visits():
    # case 34, a published answer: in whole seconds the last visit opens and closes at one instant
    rows = at_seconds(
        (0, "app_open"),
        (0, "x"),
        (60, "y"),
        (60, "app_close"),
        (120, "app_open"),
        (120, "z"),
        (120, "app_close"),
    )
    expected = [(0, "first"), (120 * SECOND, "reopen")]
    assert starts(rows) == expected
    assert starts(rows[::-1]) == expected
    assert [session["event_count"] for session in sessions_of(rows)] == [4, 3]


@pytest.mark.parametrize(
    ("kinds", "reopens"),
    [
        # open before it, so no reopen, and open after it, so that the next open is none either
        (((0, "app_open"), (60, "both"), (90, "app_open")), []),
        # closed before it, so a reopen, and closed after it, so that the next open is another
        (((0, "app_close"), (60, "both"), (90, "app_open")), [60, 90]),
        (((0, "app_close"), (60, "both"), (90, "both"), (95, "both")), [60, 90]),
        # nothing known before the chain's first: no reopen, and closed after it
        (((0, "both"), (60, "app_open"), (90, "app_open")), [60]),
        (((0, "x"), (10, "both"), (20, "both")), [20]),
        # twice at one instant is the same as once
        (((0, "both"), (0, "both"), (60, "both"), (60, "both")), [60]),
        # the grace runs from the lifecycle instant before, whatever that holds
        (((0, "app_close"), (60, "both"), (65, "app_open")), [60]),
        (((0, "app_close"), (60, "both"), (65.000001, "app_open")), [60, 65.000001]),
        (((0, "app_close"), (4, "both"), (8, "app_open")), []),
        (((0, "app_close"), (4, "both"), (9, "app_open")), []),
        (((0, "app_close"), (4, "both"), (9.000001, "app_open")), [9.000001]),
        (((0, "app_close"), (5, "both"), (10, "both"), (15, "both")), []),
        (((0, "both"), (5, "app_open"), (30, "app_open")), []),
        # a timeout gap forgets that the app was closed
        (((0, "both"), (1800, "x"), (1900, "app_open")), [1800]),
    ],
)
def test_an_instant_with_an_open_and_a_close_leaves_the_app_as_it_was(kinds, reopens):
    rows = at_seconds(*kinds)
    for order in (rows, rows[::-1]):
        assert [at for at, _ in starts(order)] == [0, *(round(at * SECOND) for at in reopens)]


def test_of_several_opens_after_one_close_only_the_first_is_a_reopen():
    rows = at_noon_plus(
        (0, "app_open"),
        (10 * SECOND, "app_close"),
        (20 * SECOND, "app_open"),
        (30 * SECOND, "app_open"),
        (40 * SECOND, "app_open"),
    )
    assert starts(rows) == [(0, "first"), (20 * SECOND, "reopen")]
    assert [s["app_open_count"] for s in sessions_of(rows)] == [1, 3]


def test_an_open_within_the_grace_uses_up_the_close():
    # 12 s is within the grace of the close at 10 s; for 30 s the latest lifecycle event is an open
    rows = at_noon_plus(
        (10 * SECOND, "app_close"), (12 * SECOND, "app_open"), (30 * SECOND, "app_open")
    )
    assert starts(rows) == [(10 * SECOND, "first")]


def test_of_several_closes_the_latest_counts():
    late_close = at_noon_plus(
        (0, "app_close"), (20 * SECOND, "app_close"), (25 * SECOND, "app_open")
    )
    assert starts(late_close) == [(0, "first")]
    early_close = at_noon_plus(
        (0, "app_close"), (20 * SECOND, "app_close"), (25 * SECOND + 1, "app_open")
    )
    assert starts(early_close) == [(0, "first"), (25 * SECOND + 1, "reopen")]


def test_two_opens_at_one_instant_make_one_reopen():
    rows = at_noon_plus((0, "app_close"), (60 * SECOND, "app_open"), (60 * SECOND, "app_open"))
    assert starts(rows) == [(0, "first"), (60 * SECOND, "reopen")]
    assert sessions_of(rows)[1]["event_count"] == 2


def test_an_event_at_the_instant_of_the_reopen_belongs_to_the_new_session():
    rows = at_noon_plus(
        (0, "app_close"),
        (60 * SECOND, "screen_view"),
        (60 * SECOND, "app_open"),
        (60 * SECOND, "tap"),
    )
    for order in (rows, rows[::-1]):
        assert [s["event_count"] for s in sessions_of(order)] == [1, 3]


def test_events_between_close_and_reopen_stay_with_the_closed_session():
    rows = at_noon_plus(
        (0, "app_open"),
        (10 * SECOND, "app_close"),
        (11 * SECOND, "upload_finished"),
        (59_999_999, "upload_finished"),
        (60 * SECOND, "app_open"),
    )
    sessions = sessions_of(rows)
    assert [s["event_count"] for s in sessions] == [4, 1]
    assert sessions[0]["ended_at"] == NOON + 59_999_999


def test_a_close_further_away_than_a_timeout_still_counts_where_other_events_bridge():
    # no gap of 1800 s anywhere between 0 s and 3600 s
    rows = at_noon_plus(
        (0, "app_close"),
        (1200 * SECOND, "screen_view"),
        (2400 * SECOND, "screen_view"),
        (3600 * SECOND, "app_open"),
    )
    assert starts(rows) == [(0, "first"), (3600 * SECOND, "reopen")]


def test_a_timeout_gap_after_the_close_makes_the_start_a_timeout_and_forgets_the_close():
    rows = at_noon_plus(
        (0, "app_close"), (1800 * SECOND, "screen_view"), (1900 * SECOND, "app_open")
    )
    assert starts(rows) == [(0, "first"), (1800 * SECOND, "timeout")]
    at_the_gap = at_noon_plus((0, "app_close"), (1800 * SECOND, "app_open"))
    assert starts(at_the_gap) == [(0, "first"), (1800 * SECOND, "timeout")]
    just_within = at_noon_plus((0, "app_close"), (1800 * SECOND - 1, "app_open"))
    assert starts(just_within) == [(0, "first"), (1800 * SECOND - 1, "reopen")]


def test_a_grace_longer_than_the_timeout_still_works_across_bridged_gaps():
    config = {"defaults": SessionSettings(10, 25, 86_400)}
    bridges = [(9 * SECOND * step, "screen_view") for step in (1, 2)]
    within = at_noon_plus((0, "app_close"), *bridges, (25 * SECOND, "app_open"))
    beyond = at_noon_plus((0, "app_close"), *bridges, (25 * SECOND + 1, "app_open"))
    assert starts(within, **config) == [(0, "first")]
    assert starts(beyond, **config) == [(0, "first"), (25 * SECOND + 1, "reopen")]


def test_an_open_without_a_close_before_it_starts_nothing():
    rows = at_noon_plus((0, "screen_view"), (60 * SECOND, "app_open"), (120 * SECOND, "app_open"))
    assert starts(rows) == [(0, "first")]


def test_a_chain_may_hold_many_reopens():
    rows = at_noon_plus(
        *((minute * 60 * SECOND, "app_open") for minute in range(4)),
        *((minute * 60 * SECOND + 50 * SECOND, "app_close") for minute in range(4)),
    )
    assert starts(rows) == [
        (0, "first"),
        (60 * SECOND, "reopen"),
        (120 * SECOND, "reopen"),
        (180 * SECOND, "reopen"),
    ]


def test_lifecycle_events_of_another_actor_do_not_matter():
    rows = [
        raw(0, "app_open"),
        raw(10 * SECOND, "app_close", device_id="u2"),
        raw(60 * SECOND, "app_open"),
    ]
    assert [s["start_reason"] for s in sessions_of(rows)] == ["first", "first"]


def test_lifecycle_events_that_are_no_activity_have_no_say():
    types = reference._generic_event_types() | {("generic", "app_close"): ("app_close", False)}
    rows = at_noon_plus((0, "app_open"), (10 * SECOND, "app_close"), (60 * SECOND, "app_open"))
    assert starts(rows, event_types=types) == [(0, "first")]


# ----------------------------------------------------------------------------- late events


def test_a_late_event_merges_two_sessions():
    rows = [raw(0), raw(2000 * SECOND)]
    assert len(sessions_of(rows)) == 2
    late = raw(1000 * SECOND, loaded_at=NOON + 30 * DAY)
    session = only_session([*rows, late])
    assert session["event_count"] == 3
    assert session["loaded_at"] == NOON + 30 * DAY
    assert session["session_number"] == 1


def test_a_late_event_before_the_first_moves_the_start_and_the_reason():
    rows = [raw(0), raw(TIMEOUT)]
    assert starts([*rows, raw(-60 * SECOND)]) == [(-60 * SECOND, "first"), (TIMEOUT, "timeout")]
    assert starts([*rows, raw(-TIMEOUT)]) == [
        (-TIMEOUT, "first"),
        (0, "timeout"),
        (TIMEOUT, "timeout"),
    ]


def test_a_late_close_adds_a_reopen_and_a_late_open_takes_it_away():
    rows = at_noon_plus((0, "app_open"), (60 * SECOND, "app_open"))
    assert starts(rows) == [(0, "first")]
    rows.append(raw(10 * SECOND, "app_close"))
    assert starts(rows) == [(0, "first"), (60 * SECOND, "reopen")]
    rows.append(raw(14 * SECOND, "app_open"))
    assert starts(rows) == [(0, "first")]


def test_a_late_open_undoes_a_reopen_farther_along_the_chain_than_one_timeout():
    rows = at_noon_plus(
        (0, "app_open"),
        (1, "app_close"),
        *((step * 1000 * SECOND, "screen_view") for step in range(1, 6)),
        (5500 * SECOND, "app_open"),
    )
    assert starts(rows) == [(0, "first"), (5500 * SECOND, "reopen")]
    assert starts([*rows, raw(2, "app_open")]) == [(0, "first")]


def test_a_late_bridge_brings_a_close_into_the_chain():
    rows = at_noon_plus((0, "app_close"), (2000 * SECOND, "app_open"))
    assert starts(rows) == [(0, "first"), (2000 * SECOND, "timeout")]
    assert starts([*rows, raw(1000 * SECOND)]) == [(0, "first"), (2000 * SECOND, "reopen")]


# ----------------------------------------------------------------------------- session columns


def test_columns_of_a_session_in_order():
    assert tuple(only_session([raw(0)])) == reference.SESSION_COLUMNS


def test_keys_are_the_documented_hashes():
    # printf 'ios:5:app.a:u1' | md5sum ends in 70 3a ea cc fe 8b f5 3b
    session = only_session([raw(0)])
    assert session["user_key"] == 0x3BF58BFECCEA3A70
    # printf '4320513344007715440-1709294400000000' | md5sum
    assert session["session_id"] == "dc189cf40194b150245cb6622083199a"
    # the same of 'web:3:(three characters):z' ends in 8a 0b d0 b8 80 4e 53 89; its top bit goes
    assert reference.user_key("äß😀", "web", "z") == 0x09534E80B8D00B8A


def test_session_length_is_last_minus_first_event_in_seconds():
    length = only_session([raw(0), raw(90 * SECOND + 7)])["session_length_seconds"]
    assert length == Decimal("90.000007")


def length_of(rows: Iterable[dict[str, Any]], **config: Any) -> tuple[Decimal, bool]:
    """Length of the one session of the rows, and whether it counts."""
    session = only_session(rows, **config)
    return session["session_length_seconds"], session["is_measured"]


def test_a_session_shorter_than_the_minimum_is_not_measured():
    assert length_of([raw(0)]) == (0, False)
    assert length_of([raw(0), raw(0)]) == (0, False)
    within_a_millisecond = [raw(0), raw(400), raw(1000)]
    assert length_of(within_a_millisecond) == (Decimal("0.001"), False)
    assert length_of([raw(0), raw(SECOND - 1)]) == (Decimal("0.999999"), False)
    assert length_of([raw(0), raw(SECOND)]) == (1, True)
    assert length_of([raw(0), raw(2 * SECOND)], min_measured_seconds=3) == (2, False)
    assert length_of([raw(0)], min_measured_seconds=0) == (0, True)


def test_an_explicit_duration_is_measured_however_short_but_not_of_an_over_long_session():
    assert length_of([raw(0, duration_seconds=Decimal("0"))]) == (0, True)
    too_long = [raw(0, duration_seconds=Decimal("2")), raw(9 * SECOND)]
    assert length_of(too_long, defaults=SessionSettings(10, 5, 9)) == (2, True)
    assert length_of(too_long, defaults=SessionSettings(10, 5, 8)) == (2, False)


def test_an_explicit_duration_is_at_most_the_span_and_a_timeout():
    settings = SessionSettings(session_timeout_seconds=10)
    for supplied, expected in (("13.999999", "13.999999"), ("14", "14"), ("14.000001", "14")):
        rows = [raw(0), raw(4 * SECOND, duration_seconds=Decimal(supplied))]
        assert length_of(rows, defaults=settings) == (Decimal(expected), True)
    # the sum is capped, not each part of it
    rows = [raw(at * SECOND, duration_seconds=Decimal("8")) for at in (0, 4)]
    assert length_of(rows, defaults=settings) == (14, True)
    assert length_of([raw(0, duration_seconds=Decimal("90"))], defaults=settings) == (10, True)


def test_explicit_durations_are_summed_and_win_over_the_clock():
    rows = [raw(0, duration_seconds=Decimal("1.5")), raw(SECOND), raw(9 * SECOND)]
    assert only_session(rows)["session_length_seconds"] == Decimal("1.5")
    rows.append(raw(5 * SECOND, duration_seconds=Decimal("0.25")))
    assert only_session(rows)["session_length_seconds"] == Decimal("1.75")
    single = only_session([raw(0, duration_seconds=Decimal("0"))])
    assert single["session_length_seconds"] == Decimal("0")


def test_interval_is_start_minus_previous_end_and_number_counts_by_start():
    rows = [raw(4000 * SECOND), raw(0), raw(100 * SECOND), raw(9000 * SECOND)]
    sessions = sessions_of(rows)
    assert [s["session_number"] for s in sessions] == [1, 2, 3]
    assert [s["session_interval_seconds"] for s in sessions] == [None, 3900, 5000]


def test_interval_of_a_reopen_may_be_as_short_as_the_grace():
    rows = at_noon_plus((0, "app_close"), (GRACE + 1, "app_open"))
    assert sessions_of(rows)[1]["session_interval_seconds"] == Decimal("5.000001")


def test_country_and_version_are_those_of_the_first_instant_the_smallest_if_several():
    rows = [
        raw(0, country="US", app_version=None),
        raw(0, country="DE", app_version="2.0"),
        raw(0, country=None, app_version="1.9"),
        raw(1, country="AT", app_version="1.0"),
    ]
    session = only_session(rows)
    assert (session["country"], session["app_version"]) == ("DE", "1.9")
    later_only = only_session([raw(0), raw(1, country="AT")])
    assert later_only["country"] is None


def test_counts_by_event_type():
    names = (
        ["install", "app_open", "app_open", "app_close", "reengagement", "level_up", "level_up"]
        + ["ad_impression"] * 3
        + ["purchase"]
    )
    session = only_session([raw(position, name) for position, name in enumerate(names)])
    assert {column: session[column] for column in session if column.endswith("_count")} == {
        "event_count": 11,
        "app_open_count": 2,
        "in_app_event_count": 2,
        "ad_impression_count": 3,
        "purchase_count": 1,
    }


def open_count(*opens: tuple[float, str], interval: int = 600) -> int:
    """App opens of the one session that these opens make: (seconds after noon, provider)."""
    rows = [raw(round(at * SECOND), "app_open", provider=provider) for at, provider in opens]
    types = {(provider, "app_open"): ("app_open", True) for _, provider in opens}
    session = only_session(
        rows, event_types=types, min_open_interval_seconds={"appsflyer": interval}
    )
    return session["app_open_count"]


def test_opens_too_soon_after_the_one_before_count_as_one():
    # case 37: launches at 10:00:05, :12, 10:04
    assert open_count((5, "appsflyer"), (12, "appsflyer"), (240, "appsflyer")) == 1
    assert open_count((5, "generic"), (12, "generic"), (240, "generic")) == 3
    assert open_count((0, "appsflyer"), (600, "appsflyer")) == 2
    assert open_count((0, "appsflyer"), (599.999999, "appsflyer")) == 1
    # each is compared with the one before, counted or not
    assert open_count(*((500 * step, "appsflyer") for step in range(5))) == 1
    # two at one instant; providers each by their own rule
    assert open_count((0, "appsflyer"), (0, "appsflyer")) == 1
    assert open_count((0, "generic"), (0, "generic"), interval=0) == 2
    assert open_count((0, "appsflyer"), (1, "generic"), (2, "appsflyer"), (3, "generic")) == 3


def test_the_first_open_of_a_session_counts_however_soon_after_the_session_before():
    rows = at_seconds((0, "app_open"), (10, "app_close"), (20, "app_open"), (21, "app_open"))
    sessions = sessions_of(rows, min_open_interval_seconds={"generic": 600})
    assert [session["app_open_count"] for session in sessions] == [1, 1]


def test_app_open_count_is_at_least_one():
    assert only_session([raw(0)])["app_open_count"] == 1
    assert only_session([raw(0, "app_open"), raw(1)])["app_open_count"] == 1
    assert only_session([raw(0, "app_open"), raw(1, "app_open")])["app_open_count"] == 2


def test_an_unlisted_name_is_an_in_app_event_and_the_mapping_is_by_provider():
    types = {("tenjin", "open"): ("app_open", True)}
    own = only_session([raw(0, "open", provider="tenjin")], event_types=types)
    other = only_session([raw(0, "open", provider="generic")], event_types=types)
    assert (own["in_app_event_count"], other["in_app_event_count"]) == (0, 1)


def test_what_staging_says_of_a_row_comes_before_what_its_name_says():
    types = {("p", "session"): ("app_open", True), ("p", "*"): ("in_app_event", False)}

    def told(**cells):
        rows = [raw(0, "install", provider="p", **cells)]
        event = deduplicate(rows, Config(event_types=types)).accepted[0]
        return event["event_type"], event["is_activity"]

    assert told() == ("in_app_event", False)
    assert told(event_kind="session") == ("app_open", True)
    assert told(event_kind="session", is_activity=False) == ("app_open", False)
    assert told(is_activity=True) == ("in_app_event", True)


def test_a_row_that_is_left_out_is_counted_and_not_judged():
    rows = [raw(0, event_id="e"), raw(0, event_id="e", left_out_reason="sandbox", app_id=None)]
    dedup = deduplicate(rows)
    assert (len(dedup.accepted), len(dedup.duplicates), len(dedup.rejected)) == (1, 0, 0)
    assert [
        (load["event_status"], load["rejection_reason"], load["row_count"])
        for load in reference.event_loads(dedup)
    ] == [("accepted", None, 1), ("left_out", "sandbox", 1)]


def test_money_is_summed_in_usd_at_the_latest_rate_on_or_before_the_event_date():
    rates = {
        "USD": [(date(2000, 1, 1), Decimal(1))],
        "EUR": [
            (date(2000, 1, 1), Decimal("1.0")),
            (date(2024, 3, 1), Decimal("1.1")),
            (date(2024, 3, 2), Decimal("1.2")),
        ],
    }
    rows = [
        raw(0, "purchase", revenue=Decimal("10"), currency="EUR"),  # 11.00
        raw(1, "purchase", revenue=Decimal("1.99")),  # blank is USD
        raw(2, "purchase", revenue=Decimal("2"), currency=""),
        raw(3, "screen_view", currency="EUR"),
        raw(4, "ad_impression", ad_revenue_usd=Decimal("0.000001")),
        raw(5, "ad_impression", ad_revenue_usd=Decimal("0.02")),
    ]
    session = only_session(rows, exchange_rates=rates)
    assert session["iap_revenue_usd"] == Decimal("14.99")
    assert session["ad_revenue_usd"] == Decimal("0.020001")
    none = only_session([raw(0)])
    assert (none["iap_revenue_usd"], none["ad_revenue_usd"]) == (0, 0)


def test_loaded_at_is_the_greatest_of_the_sessions_events():
    session = only_session([raw(0, loaded_at=NOON + 3 * DAY), raw(1, loaded_at=NOON + 2 * DAY)])
    assert session["loaded_at"] == NOON + 3 * DAY


def test_session_date_is_the_local_date_of_the_start():
    evening = raw(11 * 3600 * SECOND + 1800 * SECOND)  # 23:30 UTC
    assert only_session([evening])["session_date"] == date(2024, 3, 1)
    berlin = only_session([evening], reporting_timezone="Europe/Berlin")
    assert berlin["session_date"] == date(2024, 3, 2)
    los_angeles = only_session([raw(-5 * 3600 * SECOND)], reporting_timezone="America/Los_Angeles")
    assert los_angeles["session_date"] == date(2024, 2, 29)  # 07:00 UTC = 23:00 the day before


def test_every_event_gets_the_id_of_its_session_and_others_none():
    types = {("generic", "push"): ("in_app_event", False)}
    config = Config(event_types=types)
    rows = [raw(0), raw(5, "push"), raw(TIMEOUT), raw(TIMEOUT + 1)]
    events = deduplicate(rows, config).accepted
    ids = {
        event["event_at"] - NOON: identity
        for event, identity in reference.session_id_of_events(events, config)
    }
    first, second = (s["session_id"] for s in sessionize(events, config))
    assert ids == {0: first, 5: None, TIMEOUT: second, TIMEOUT + 1: second}


# ------------------------------------------------------------------------------------ settings

SETTINGS_ROWS = [
    {"app_id": "a", "platform": "ios", "session_timeout_seconds": "60", "close_grace_seconds": ""},
    {"app_id": "a", "platform": "", "session_timeout_seconds": "7", "close_grace_seconds": "2"},
    {"app_id": "", "platform": "ios", "session_timeout_seconds": "1", "close_grace_seconds": "0"},
    {"app_id": "", "platform": "android", "session_timeout_seconds": "30"},
]


@pytest.mark.parametrize(
    ("app_id", "platform", "expected"),
    [
        ("a", "ios", (60, 5)),  # both keys; the blank grace is the var, not the app's 2
        ("a", "android", (7, 2)),  # the app before the platform
        ("b", "ios", (1, 0)),
        ("b", "android", (30, 5)),
        ("b", "web", (1800, 5)),
    ],
)
def test_settings_resolve_from_the_most_specific_row(app_id, platform, expected):
    for rows in (SETTINGS_ROWS, SETTINGS_ROWS[::-1]):
        found = resolve_settings(rows, app_id, platform, SessionSettings())
        assert (found.session_timeout_seconds, found.close_grace_seconds) == expected
        assert found.max_session_seconds == 86_400


def test_a_row_for_any_app_and_any_platform_comes_before_the_vars_only():
    anything = {"app_id": "", "platform": None, "session_timeout_seconds": "9"}
    rows = [anything, *SETTINGS_ROWS]
    assert resolve_settings(rows, "b", "web", SessionSettings()).session_timeout_seconds == 9
    assert resolve_settings(rows, "b", "ios", SessionSettings()).session_timeout_seconds == 1


@pytest.mark.parametrize(
    "row",
    [
        {"app_id": "x", "session_timeout_seconds": "0"},
        {"app_id": "x", "session_timeout_seconds": "-5"},
        {"app_id": "x", "session_timeout_seconds": "1.5"},
        {"app_id": "x", "session_timeout_seconds": "half an hour"},
        {"app_id": "x", "session_timeout_seconds": "NaN"},
        {"app_id": "x", "close_grace_seconds": "-1"},
        {"app_id": "x", "max_session_seconds": "0"},
        {"platform": "playstation", "session_timeout_seconds": "60"},
        SETTINGS_ROWS[0],  # a second row for the same key
    ],
)
def test_an_invalid_setting_stops_everything_also_where_it_does_not_apply(row):
    with pytest.raises(ValueError, match="session_settings"):
        resolve_settings([*SETTINGS_ROWS, row], "b", "web", SessionSettings())


def test_each_app_is_cut_by_its_own_timeout():
    rows = [raw(0), raw(7 * SECOND), raw(0, app_id="a"), raw(7 * SECOND, app_id="a")]
    rows += [raw(0, app_id="a", platform="web"), raw(7 * SECOND, app_id="a", platform="web")]
    found = Counter(
        (s["app_id"], s["platform"]) for s in sessions_of(rows, session_settings=SETTINGS_ROWS)
    )
    # app.a on ios: 1 s by platform; a on ios: 60 s; a on web: 7 s by app
    assert found == {("app.a", "ios"): 2, ("a", "ios"): 1, ("a", "web"): 2}


# -------------------------------------------------------------------------- rejection reasons

SKEW = 900 * SECOND


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({}, None),
        ({"loaded_at": None}, "missing_loaded_at"),
        ({"app_id": None}, "missing_app_id"),
        ({"app_id": " "}, "missing_app_id"),
        ({"app_id": "app.b"}, "unknown_app"),
        ({"device_id": None}, "missing_actor"),
        ({"device_id": "0000-0000", "user_id": " N/A "}, "missing_actor"),
        ({"device_id": "0000-0000", "user_id": "c1"}, None),
        ({"event_name": ""}, "missing_event_name"),
        ({"event_at": None}, "missing_event_at"),
        ({"event_at": NOON + SKEW, "loaded_at": NOON}, None),
        ({"event_at": NOON + SKEW + 1, "loaded_at": NOON}, "event_at_in_future"),
        ({"event_at": micros("2099-01-01")}, "event_at_in_future"),
        ({"event_at": micros("2008-01-01")}, None),
        ({"event_at": micros("2008-01-01") - 1}, "event_at_too_old"),
        ({"app_id": "(not set)"}, "missing_app_id"),
        ({"device_id": "\\N"}, "missing_actor"),
        # an optional value refuses no row
        ({"installed_at": micros("2008-01-01") - 1}, None),
        ({"revenue": Decimal("NaN"), "currency": "XXX"}, None),
        ({"ad_revenue_usd": Decimal("-1"), "duration_seconds": Decimal("-1")}, None),
        # the first reason that applies
        ({"app_id": None, "loaded_at": None}, "missing_loaded_at"),
        ({"app_id": None, "device_id": None}, "missing_app_id"),
        ({"app_id": "app.b", "device_id": None}, "unknown_app"),
        ({"device_id": None, "event_name": None}, "missing_actor"),
        ({"event_name": None, "event_at": None}, "missing_event_name"),
        ({"event_at": 0, "revenue": Decimal("NaN")}, "event_at_too_old"),
    ],
)
def test_a_row_is_refused_for_the_first_reason_that_applies(columns, reason):
    config = Config(known_apps=frozenset({"app.a"}))
    result = deduplicate([raw(0) | columns], config)
    assert [row["rejection_reason"] for row in result.rejected] == ([reason] if reason else [])
    assert len(result.accepted) == (0 if reason else 1)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"installed_at": micros("2008-01-01")}, {"installed_at": micros("2008-01-01")}),
        ({"installed_at": micros("2008-01-01") - 1}, {"installed_at": None}),
        ({"installed_at": NOON + SKEW, "loaded_at": NOON}, {"installed_at": NOON + SKEW}),
        ({"installed_at": NOON + SKEW + 1, "loaded_at": NOON}, {"installed_at": None}),
        ({"revenue": Decimal("-0.01")}, {"iap_revenue_usd": Decimal("-0.01")}),
        ({"revenue": Decimal("NaN")}, {"revenue": None, "iap_revenue_usd": 0}),
        ({"revenue": Decimal("Infinity")}, {"revenue": None, "iap_revenue_usd": 0}),
        ({"ad_revenue_usd": Decimal("-1")}, {"ad_revenue_usd": None}),
        ({"ad_revenue_usd": Decimal("NaN")}, {"ad_revenue_usd": None}),
        ({"ad_revenue_usd": Decimal("0")}, {"ad_revenue_usd": 0}),
        ({"revenue": Decimal("1"), "currency": "XXX"}, {"revenue": 1, "iap_revenue_usd": 0}),
        ({"revenue": Decimal("1"), "currency": " n/a"}, {"iap_revenue_usd": 1}),
        ({"duration_seconds": Decimal("-1")}, {"duration_seconds": None}),
        ({"duration_seconds": Decimal("Infinity")}, {"duration_seconds": None}),
        ({"duration_seconds": Decimal("0")}, {"duration_seconds": 0}),
    ],
)
def test_an_optional_value_that_cannot_be_is_null(columns, expected):
    (event,) = deduplicate([raw(0) | columns], Config()).accepted
    assert {name: event[name] for name in expected} == expected


def test_without_a_list_of_apps_every_app_is_known():
    assert len(deduplicate([raw(0, app_id="anything")]).accepted) == 1


@pytest.mark.parametrize(
    ("value", "usable"),
    [
        ("u1", "u1"),
        ("  u1 ", "u1"),
        ("0-1", "0-1"),
        ("00000000-0000-0000-0000-000000000000", None),
        ("00000000000000000000000000000000", None),
        ("0", None),
        ("-", None),
        ("", None),
        ("   ", None),
        (None, None),
        ("NULL", None),
        ("Unknown", None),
        (" n/a ", None),
        ("None", None),
        ("NaN", None),
        ("undefined", None),
        ("nullable", "nullable"),
    ],
)
def test_usable_ids(value, usable):
    assert reference.usable_id(value) == usable


def test_the_device_id_comes_before_the_customer_id():
    assert reference.actor_id({"device_id": "d", "user_id": "c"}) == "d"
    assert reference.actor_id({"device_id": "0", "user_id": "c"}) == "c"


@pytest.mark.parametrize(
    ("value", "platform"),
    [
        ("iOS ", "ios"),
        ("ANDROID", "android"),
        ("amazon", "amazon"),
        ("web", "web"),
        ("other", "other"),
        ("windows", "other"),
        ("", "other"),
        (None, "other"),
    ],
)
def test_platforms(value, platform):
    assert only_session([raw(0, platform=value)])["platform"] == platform


# ------------------------------------------------------------------------------- deduplication


def statuses(rows: Sequence[dict[str, Any]], **arguments: Any) -> tuple[list[Any], list[Any]]:
    """The `event_name`s accepted and duplicate."""
    result = deduplicate(rows, **arguments)
    return (
        sorted(row["event_name"] for row in result.accepted),
        sorted(row["event_name"] for row in result.duplicates),
    )


def test_of_one_event_id_the_earliest_loaded_is_accepted_whatever_the_order():
    early = raw(0, "early", event_id="x", loaded_at=NOON + 1)
    late = raw(0, "late", event_id="x", loaded_at=NOON + 2)
    assert statuses([early, late]) == (["early"], ["late"])
    assert statuses([late, early]) == (["early"], ["late"])


def test_a_later_copy_never_moves_the_event():
    rows = [raw(0, event_id="x"), raw(5 * DAY, event_id="x", loaded_at=NOON + 9 * DAY)]
    assert starts(rows) == [(0, "first")]


def test_the_key_of_an_event_is_provider_app_and_event_id():
    rows = [
        raw(0, "a", event_id="x"),
        raw(0, "b", event_id="x", app_id="app.b"),
        raw(0, "c", event_id="x", provider="tenjin"),
        raw(0, "d", event_id="x", device_id="u2"),  # another user, same key: a duplicate
    ]
    accepted, duplicates = statuses(rows, content_rank=lambda row: row["event_name"])
    assert (accepted, duplicates) == (["a", "b", "c"], ["d"])


def test_a_refused_row_does_not_take_the_place_of_a_valid_one():
    bad = raw(0, "bad", event_id="x", loaded_at=NOON, device_id=None)
    good = raw(0, "good", event_id="x", loaded_at=NOON + DAY)
    assert statuses([bad, good]) == (["good"], [])


def test_without_an_event_id_equal_content_is_one_event():
    first = raw(0, event_id=None, loaded_at=NOON + DAY)
    again = first | {"event_id": "  ", "loaded_at": NOON + 2 * DAY, "received_at": NOON + 5}
    other = first | {"country": "DE"}
    result = deduplicate([first, again, other])
    assert (len(result.accepted), len(result.duplicates)) == (2, 1)
    assert result.duplicates[0]["loaded_at"] == NOON + 2 * DAY


def test_a_tie_of_different_content_is_settled_by_the_given_rank_alone():
    rows = [raw(0, name, event_id="x", loaded_at=NOON + DAY) for name in ("b", "a", "c")]
    ranks = {"a": 3, "b": 2, "c": 1}
    assert statuses(rows, content_rank=lambda row: ranks[row["event_name"]]) == (["c"], ["a", "b"])
    result = deduplicate(rows)
    (key,) = result.undecided()
    assert sorted(row["event_name"] for row in result.admissible[key]) == ["a", "b", "c"]


def test_a_rank_does_not_outweigh_the_load_time():
    rows = [
        raw(0, "a", event_id="x", loaded_at=NOON + 2),
        raw(0, "b", event_id="x", loaded_at=NOON),
    ]
    assert statuses(rows, content_rank=lambda row: row["event_name"]) == (["b"], ["a"])


def test_identical_rows_are_one_accepted_and_the_rest_duplicates():
    row = raw(0)
    result = deduplicate([row, dict(row), dict(row)])
    assert (len(result.accepted), len(result.duplicates)) == (1, 2)
    assert result.undecided() == []


# ------------------------------------------------------------------ installs and acquisition


def installed(rows: Iterable[dict[str, Any]], **config: Any) -> list[tuple[Any, ...]]:
    """Installs as (offset, campaign, channel, is_install_inferred, is_reinstall)."""
    settings = Config(**config)
    return [
        (
            row["installed_at"] - NOON,
            row["campaign_id"],
            row["channel"],
            row["is_install_inferred"],
            row["is_reinstall"],
        )
        for row in installs(deduplicate(rows, settings).accepted, settings)
    ]


def test_install_time_is_the_least_that_a_provider_gives():
    rows = [raw(0), raw(10, "install"), raw(20, installed_at=NOON + 5)]
    assert installed(rows) == [(5, None, None, False, False)]
    assert installed(rows[:2]) == [(10, None, None, False, False)]


def test_install_time_may_come_from_an_event_that_is_no_activity():
    types = {
        ("generic", "push"): ("in_app_event", False),
        ("generic", "install"): ("install", False),
    }
    rows = [raw(0), raw(9, "push", installed_at=NOON - 7)]
    assert installed(rows, event_types=types) == [(-7, None, None, False, False)]
    rows = [raw(0), raw(-3, "install", campaign_id="c")]
    assert installed(rows, event_types=types) == [(-3, "c", None, False, False)]


def test_without_a_provider_install_the_first_activity_is_an_inferred_install():
    types = {("generic", "push"): ("in_app_event", False)}
    rows = [raw(-9, "push"), raw(3), raw(8)]
    assert installed(rows, event_types=types) == [(3, None, None, True, False)]
    assert installed(rows, event_types=types, infer_installs=False) == []
    assert installed(rows[:1], event_types=types) == []


def test_acquiring_campaign_is_that_of_the_earliest_install_event():
    rows = [
        raw(0, campaign_id="touch", channel="t"),
        raw(10, "install", campaign_id="c2", channel="n1"),
        raw(10, "install", campaign_id="c1", channel="n2"),
        raw(10, "install", campaign_id="c1", channel="n1"),
        raw(10, "install"),
        raw(20, "install", campaign_id="c0", channel="n0"),
    ]
    assert installed(rows) == [(10, "c1", "n1", False, False)]


def test_an_organic_install_event_is_organic_whatever_the_first_session_carries():
    rows = [raw(0, "install"), raw(1, campaign_id="c1", channel="n1")]
    assert installed(rows) == [(0, None, None, False, False)]


def test_without_an_install_event_the_first_touch_of_the_first_session_acquires():
    rows = [
        raw(0),
        raw(5, channel="n9"),  # a channel alone is no touch
        raw(6, campaign_id="c1", channel="n1"),
        raw(2 * TIMEOUT, campaign_id="c2", channel="n2"),
    ]
    assert installed(rows) == [(0, "c1", "n1", True, False)]
    del rows[2]  # what is left is in the second session
    assert installed(rows) == [(0, None, None, True, False)]


@pytest.mark.parametrize(("gap", "count"), [(90 * DAY - 1, 1), (90 * DAY, 2), (90 * DAY + 1, 2)])
def test_an_install_event_after_the_window_is_a_reinstall(gap, count):
    rows = [raw(0, "install", campaign_id="c1"), raw(gap, "install", campaign_id="c2")]
    expected = [(0, "c1", None, False, False), (gap, "c2", None, False, True)]
    assert installed(rows) == expected[:count]


def test_the_reinstall_window_runs_from_the_previous_install_event_of_any_kind():
    # 60 + 60 days: 120 after the first, but only 60 after the one before
    rows = [raw(0, "install"), raw(60 * DAY, "install"), raw(120 * DAY, "install")]
    assert [row[0] for row in installed(rows)] == [0]
    rows = [raw(0, "install"), raw(100 * DAY, "install"), raw(100 * DAY, "install")]
    assert [row[0] for row in installed(rows)] == [0, 100 * DAY]


@pytest.mark.parametrize(("gap", "count"), [(90 * DAY - 1, 1), (90 * DAY, 2)])
def test_an_install_event_long_after_the_install_is_a_reinstall(gap, count):
    # the user was there before the data: an event before the install event tells when
    rows = [
        raw(0, campaign_id="c1", installed_at=NOON - DAY),
        raw(gap - DAY, "install", campaign_id="c2"),
    ]
    credited = "c1" if count == 2 else "c2"
    expected = [(-DAY, credited, None, False, False), (gap - DAY, "c2", None, False, True)]
    assert installed(rows) == expected[:count]


def test_install_date_is_local():
    config = Config(reporting_timezone="Asia/Tokyo")
    events = deduplicate([raw(4 * 3600 * SECOND, "install")], config).accepted  # 16:00 UTC
    assert installs(events, config)[0]["install_date"] == date(2024, 3, 2)


# ------------------------------------------------------------- first session, re-engagement


def first_session_numbers(rows: Iterable[dict[str, Any]], **config: Any) -> list[int]:
    """Numbers of the sessions marked as the install's."""
    return [s["session_number"] for s in sessions_of(rows, **config) if s["is_first_session"]]


@pytest.mark.parametrize(
    ("install", "numbers"),
    [
        (-TIMEOUT, []),  # started_at < install + timeout fails by nothing
        (-TIMEOUT + 1, [1]),
        (0, [1]),
        (10 * SECOND, [1]),
        (10 * SECOND + TIMEOUT - 1, [1]),
        (10 * SECOND + TIMEOUT, []),  # install - timeout < ended_at fails by nothing
    ],
)
def test_the_first_session_lies_within_one_timeout_of_the_install(install, numbers):
    rows = [raw(0, installed_at=NOON + install), raw(10 * SECOND)]
    assert first_session_numbers(rows) == numbers


def test_activity_before_the_install_is_not_the_first_session():
    rows = [raw(0), raw(2 * DAY, "install"), raw(2 * DAY + 5)]
    assert first_session_numbers(rows) == [2]


def test_at_most_one_session_is_the_first():
    rows = at_noon_plus((0, "app_open"), (60 * SECOND, "app_close"), (90 * SECOND, "app_open"))
    assert len(sessions_of(rows)) == 2
    assert first_session_numbers(rows) == [1]


def test_without_an_install_no_session_is_the_first():
    assert first_session_numbers([raw(0)], infer_installs=False) == []


def reengaged(rows: Iterable[dict[str, Any]], **config: Any) -> list[tuple[bool, str | None]]:
    """The two re-engagement columns of each session."""
    return [
        (s["is_reengagement"], s["reengagement_campaign_id"]) for s in sessions_of(rows, **config)
    ]


def test_the_provider_says_so():
    rows = [
        raw(0, campaign_id="c0", is_reengagement=False),
        raw(1, is_reengagement=True),
        raw(2, is_reengagement=True, campaign_id="c2"),
        raw(2, is_reengagement=True, campaign_id="c1"),
        raw(3, is_reengagement=True, campaign_id="c9"),
    ]
    assert reengaged(rows) == [(True, "c1")]
    assert reengaged(rows[:2]) == [(True, None)]  # the touch of another event is not taken
    assert reengaged(rows[:1]) == [(False, None)]
    assert reengaged([raw(0, "reengagement", campaign_id="c7")]) == [(True, "c7")]


@pytest.mark.parametrize(("gap", "expected"), [(7 * DAY - 1, False), (7 * DAY, True)])
def test_another_campaign_after_seven_days_is_a_reengagement(gap, expected):
    rows = [raw(0, "install", campaign_id="c1"), raw(gap), raw(gap + 1, campaign_id="c2")]
    assert reengaged(rows) == [(False, None), (expected, "c2" if expected else None)]


def test_the_acquiring_campaign_again_is_no_reengagement():
    rows = [raw(0, "install", campaign_id="c1"), raw(8 * DAY, campaign_id="c1")]
    assert reengaged(rows) == [(False, None)] * 2


def test_any_campaign_is_distinct_from_an_organic_install():
    rows = [raw(0, "install"), raw(8 * DAY, campaign_id="c1")]
    assert reengaged(rows) == [(False, None), (True, "c1")]


def test_only_the_first_touch_of_a_session_counts():
    rows = [
        raw(0, "install", campaign_id="c1"),
        raw(8 * DAY, campaign_id="c1"),
        raw(8 * DAY + 1, campaign_id="c2"),
    ]
    assert reengaged(rows) == [(False, None)] * 2
    rows[2] = raw(8 * DAY, campaign_id="c0")  # a tie: the smallest
    assert reengaged(rows) == [(False, None), (True, "c0")]


def test_the_install_session_is_no_reengagement_and_neither_is_the_actors_first():
    # activity, then an install eight days later whose session carries another touch first
    rows = [
        raw(0),
        raw(8 * DAY, campaign_id="c2"),
        raw(8 * DAY + 1, "install", campaign_id="c1"),
    ]
    assert first_session_numbers(rows) == [2]
    assert reengaged(rows) == [(False, None)] * 2
    # no interval in the actor's first session
    far_install = [raw(0, campaign_id="c2"), raw(9 * DAY, "install", campaign_id="c1")]
    assert reengaged(far_install)[0] == (False, None)


# ------------------------------------------------------------------------ days and cohorts


@pytest.mark.parametrize(
    ("offset", "expected"),
    [(0, 0), (DAY - 1, 0), (DAY, 1), (7 * DAY, 7), (-1, -1), (-DAY, -1), (-DAY - 1, -2)],
)
def test_relative_day_n_is_whole_24_hours_since_install_and_negative_before(offset, expected):
    assert day_n(NOON + offset, NOON, Config()) == expected


def test_calendar_day_n_counts_dates_in_the_reporting_time_zone():
    # installed 1 May 23:59, back 2 May 00:01: absolute day 1, relative day 0
    install, back = micros("2024-05-01 23:59"), micros("2024-05-02 00:01")
    calendar = Config(cohort_day_basis="calendar")
    assert day_n(back, install, calendar) == 1
    assert day_n(back, install, Config()) == 0
    assert day_n(install, back, calendar) == -1
    # in Los Angeles both are in the afternoon of 1 May
    pacific = Config(cohort_day_basis="calendar", reporting_timezone="America/Los_Angeles")
    assert day_n(back, install, pacific) == 0


def test_an_app_has_its_own_zone_else_that_of_the_variable():
    rows = [
        {"app_id": "a", "platform": "", "reporting_timezone": "Asia/Tokyo"},
        {"app_id": "a", "platform": "ios", "reporting_timezone": ""},
        {"app_id": "b", "platform": "", "reporting_timezone": ""},
    ]
    config = Config(
        session_settings=rows, reporting_timezone="Europe/Berlin", cohort_day_basis="calendar"
    )
    assert [config.zone_of(app) for app in "abc"] == ["Asia/Tokyo", *2 * ["Europe/Berlin"]]
    # 15:00 UTC is midnight in Tokyo
    install, back = micros("2024-05-01 14:59:59.999999"), micros("2024-05-01 15:00")
    assert [day_n(back, install, config, app) for app in "ab"] == [1, 0]


def test_calendar_days_follow_a_change_of_the_clocks():
    # New York, 10 March 2024: that day has 23 hours; 9 March 12:00 EST to 11 March 11:30 EDT is
    # 46.5 hours, so one whole day, but two dates
    install, back = micros("2024-03-09T12:00:00-05:00"), micros("2024-03-11T11:30:00-04:00")
    calendar = Config(cohort_day_basis="calendar", reporting_timezone="America/New_York")
    assert day_n(back, install, calendar) == 2
    assert day_n(back, install, Config()) == 1


def test_an_unknown_basis_is_an_error():
    with pytest.raises(ValueError, match="cohort_day_basis"):
        day_n(0, 0, Config(cohort_day_basis="weekly"))


def days_of(rows: Iterable[dict[str, Any]], **config: Any) -> list[dict[str, Any]]:
    """User days of raw rows."""
    settings = Config(**config)
    return user_days(deduplicate(rows, settings).accepted, settings)


def cells_of(rows: Iterable[dict[str, Any]], max_day: int) -> list[dict[str, Any]]:
    """Cohort cells of raw rows."""
    events = deduplicate(rows, Config()).accepted
    return cohort_cells(user_days(events), installs(events), max_day)


def test_user_days_sum_the_sessions_of_a_date_and_day():
    hour = 3600 * SECOND
    rows = [
        raw(0, "app_open"),  # installed 1 March 12:00
        raw(60 * SECOND, "purchase", revenue=Decimal("2.5")),
        raw(2 * hour, "ad_impression", ad_revenue_usd=Decimal("0.5")),  # single event
        raw(20 * hour),  # 2 March 08:00, still day 0
        raw(25 * hour),  # 2 March 13:00, day 1
        raw(25 * hour + 9 * SECOND),
    ]
    days = days_of(rows)
    found = [
        (d["activity_date"].day, d["day_n"], d["session_count"], d["measured_session_count"])
        for d in days
    ]
    assert found == [(1, 0, 2, 1), (2, 0, 1, 0), (2, 1, 1, 1)]
    first = days[0]
    assert first["total_session_length_seconds"] == 60
    assert (first["event_count"], first["app_open_count"]) == (3, 2)
    assert (first["purchase_count"], first["ad_impression_count"]) == (1, 1)
    assert (first["iap_revenue_usd"], first["ad_revenue_usd"]) == (Decimal("2.5"), Decimal("0.5"))
    assert first["first_started_at"] == NOON
    assert first["last_ended_at"] == NOON + 2 * hour


def test_a_calendar_user_day_is_one_row_per_date():
    hour = 3600 * SECOND
    rows = [raw(0), raw(20 * hour), raw(25 * hour)]
    days = days_of(rows, cohort_day_basis="calendar")
    assert [(d["activity_date"].day, d["day_n"]) for d in days] == [(1, 0), (2, 1)]


def test_over_long_sessions_stay_out_of_the_measured_lengths():
    rows = [raw(0), raw(8 * SECOND), raw(16 * SECOND), raw(100 * SECOND), raw(101 * SECOND)]
    (day,) = days_of(rows, defaults=SessionSettings(10, 5, 15))
    assert (day["session_count"], day["measured_session_count"]) == (2, 1)
    assert day["total_session_length_seconds"] == 1


def test_a_session_over_midnight_is_one_session_and_activity_on_both_days():
    midnight = 12 * 3600 * SECOND  # 2 March 00:00
    rows = [
        raw(midnight - 6 * SECOND, "app_open"),
        raw(midnight - 1, "purchase", revenue=Decimal("2.5"), country="DE"),
        raw(midnight, "purchase", revenue=Decimal("4")),  # midnight belongs to the day it begins
        raw(midnight + 60 * SECOND, "app_open"),
        raw(midnight + 116 * SECOND, "ad_impression", ad_revenue_usd=Decimal("0.5")),
    ]
    first, second = days_of(rows, cohort_day_basis="calendar")
    assert (first["activity_date"].day, first["day_n"]) == (1, 0)
    assert (second["activity_date"].day, second["day_n"]) == (2, 1)
    # the session is where it starts, whole
    assert (first["session_count"], second["session_count"]) == (1, 0)
    assert (first["total_session_length_seconds"], second["total_session_length_seconds"]) == (
        122,
        0,
    )
    assert first["last_ended_at"] == NOON + midnight + 116 * SECOND
    assert second["first_started_at"] is None
    # what was done is where it was done
    assert (first["event_count"], second["event_count"]) == (2, 3)
    assert (first["app_open_count"], second["app_open_count"]) == (1, 1)
    assert (first["iap_revenue_usd"], second["iap_revenue_usd"]) == (Decimal("2.5"), Decimal(4))
    assert (first["ad_impression_count"], second["ad_impression_count"]) == (0, 1)
    assert (first["ad_revenue_usd"], second["ad_revenue_usd"]) == (0, Decimal("0.5"))
    # 24 hours after the install are not over: another date, the same day N
    assert [d["day_n"] for d in days_of(rows)] == [0, 0]


def test_a_session_24_hours_after_the_install_is_activity_on_two_days_n():
    rows = [
        raw(0, "install"),
        raw(DAY - 5 * SECOND),
        raw(DAY - 1),
        raw(DAY, "app_open"),
        raw(DAY + 9 * SECOND),
    ]
    days = days_of(rows)
    found = [
        (d["activity_date"].day, d["day_n"], d["session_count"], d["event_count"]) for d in days
    ]
    assert found == [(1, 0, 1, 1), (2, 0, 1, 2), (2, 1, 0, 2)]
    # the session's one open is an explicit one: no other is implied at its start
    assert [d["app_open_count"] for d in days] == [1, 0, 1]
    assert [d["app_open_count"] for d in days_of([*rows[:3], rows[4]])] == [1, 1, 0]


def test_refunds_and_other_money_outside_sessions_are_on_their_own_day_and_no_activity():
    types = reference._generic_event_types() | {("generic", "renewal"): ("purchase", False)}
    rows = [
        raw(0, "purchase", revenue=Decimal("10"), country="DE"),
        raw(DAY, "refund", revenue=Decimal("-4"), country="FR"),
        raw(DAY + 1, "refund", revenue=Decimal("1"), country="AT"),  # the sign does not matter
        raw(2 * DAY, "renewal", revenue=Decimal("3"), country=None),
        raw(2 * DAY, "renewal", revenue=Decimal("-1"), country="IT"),  # a correction
    ]
    days = days_of(rows, event_types=types)
    found = [
        (
            d["day_n"],
            d["is_active"],
            d["session_count"],
            d["purchase_count"],
            d["refund_count"],
            d["iap_revenue_usd"],
            d["refund_usd"],
            d["country"],
        )
        for d in days
    ]
    assert found == [
        (0, True, 1, 1, 0, 10, 0, "DE"),
        (1, False, 0, 0, 2, -5, 5, "FR"),
        (2, False, 0, 2, 0, 2, 0, "IT"),
    ]
    events = deduplicate(rows, Config(event_types=types)).accepted
    cells = cohort_cells(days, installs(events), max_day=2)
    assert [c["active_users"] for c in cells] == [1, 0, 0]
    assert [c["rolling_users"] for c in cells] == [1, 0, 0]
    assert [c["cumulative_iap_revenue_usd"] for c in cells] == [10, 5, 7]


def test_a_date_has_the_country_of_the_first_session_that_starts_on_it():
    midnight = 12 * 3600 * SECOND
    rows = [
        raw(midnight - 60 * SECOND, country="DE"),
        raw(midnight + 60 * SECOND, country="FR"),
    ]
    # nothing starts on the second date: that of the session that runs into it
    assert [d["country"] for d in days_of(rows)] == ["DE", "DE"]
    rows += [raw(midnight + 3 * TIMEOUT, country="AT"), raw(midnight + 9 * TIMEOUT, country="IT")]
    assert [d["country"] for d in days_of(rows)] == ["DE", "AT"]


def test_a_user_without_an_install_has_days_without_a_number():
    (day,) = days_of([raw(0)], infer_installs=False)
    assert day["day_n"] is None


def test_retention_families_of_the_worked_example():
    # users A{1,2,3,5,7,9} B{1,4,10} C{1,2} D{3} E{}: classic, rolling, bracket on days 1 and 7
    visits = {"A": (1, 2, 3, 5, 7, 9), "B": (1, 4, 10), "C": (1, 2), "D": (3,), "E": ()}
    rows = [
        raw(day * DAY, "install" if day == 0 else "app_open", device_id=user)
        for user, days in visits.items()
        for day in (0, *days)
    ]
    cells = cells_of(rows, max_day=10)
    assert len(cells) == 11
    assert {(c["tracked_installs"], c["d0_users"]) for c in cells} == {(5, 5)}
    by_day = {
        c["day_n"]: (c["active_users"], c["rolling_users"], c["bracket_users"]) for c in cells
    }
    assert by_day[0] == (5, 5, 0)
    assert by_day[1] == (3, 4, 3)
    assert by_day[7] == (1, 2, 4)
    assert by_day[10] == (1, 1, 4)
    assert [c["session_count"] for c in cells] == [5, 3, 2, 2, 1, 1, 0, 1, 0, 1, 1]
    assert [c["cumulative_session_count"] for c in cells][-1] == 17


def test_day_0_users_need_a_session_on_day_0_and_nothing_before_the_install_counts():
    rows = [
        raw(0, device_id="before"),
        raw(2 * DAY, "app_open", device_id="before", installed_at=NOON + DAY),
        raw(DAY, "app_open", device_id="on_time", installed_at=NOON + DAY),
        raw(DAY + 60 * SECOND, "app_open", device_id="on_time"),
    ]
    cells = cells_of(rows, max_day=1)
    # installed NOON + 1 day, both; "before" has a session on day -1 and on day 1, none on day 0
    assert [c["tracked_installs"] for c in cells] == [2, 2]
    assert [c["d0_users"] for c in cells] == [1, 1]
    assert [c["active_users"] for c in cells] == [1, 1]
    assert [c["rolling_users"] for c in cells] == [2, 1]
    assert [c["app_open_count"] for c in cells] == [2, 1]
    assert [c["cumulative_app_open_count"] for c in cells] == [2, 3]


def test_cohorts_are_kept_apart_by_campaign_channel_date_and_inference():
    rows = [
        raw(0, "install", device_id="paid", campaign_id="c1", channel="n1"),
        raw(0, "install", device_id="organic"),
        raw(0, device_id="inferred"),
        raw(DAY, "install", device_id="next_day"),
        raw(0, "install", device_id="other_app", app_id="app.b"),
        raw(0, "install", device_id="reinstaller"),
        raw(100 * DAY, "install", device_id="reinstaller"),
    ]
    cells = cells_of(rows, max_day=0)
    found = {
        (c["app_id"], c["install_date"].day, c["campaign_id"], c["is_install_inferred"]): c[
            "tracked_installs"
        ]
        for c in cells
    }
    assert found == {
        ("app.a", 1, "c1", False): 1,
        ("app.a", 1, None, False): 2,  # the reinstall makes no cohort of its own
        ("app.a", 1, None, True): 1,
        ("app.a", 2, None, False): 1,
        ("app.b", 1, None, False): 1,
    }


# -------------------------------------------------- a second formulation, and laws, on streams


LIFECYCLE = ("app_open", "app_close")


def is_reopen_to_the_letter(
    event: dict[str, Any], activity: Sequence[dict[str, Any]], settings: SessionSettings
) -> bool:
    """Section 4, rule 3, what a reopen is: looks at all events for each question."""
    at = event["event_at"]
    if event["event_type"] != "app_open":
        return False
    times = sorted({other["event_at"] for other in activity if other["event_at"] <= at})
    gaps = [later for earlier, later in pairwise(times) if later - earlier >= settings.timeout]
    chain_start = max(gaps, default=times[0])
    kinds_at: dict[int, set[str]] = {}
    for other in activity:
        if chain_start <= other["event_at"] < at and other["event_type"] in LIFECYCLE:
            kinds_at.setdefault(other["event_at"], set()).add(other["event_type"])
    if not kinds_at:
        return False
    decided = [instant for instant, kinds in kinds_at.items() if len(kinds) == 1]
    was_closed = not decided or kinds_at[max(decided)] == {"app_close"}
    return was_closed and at - max(kinds_at) > settings.grace


def starts_to_the_letter(
    activity: Sequence[dict[str, Any]], settings: SessionSettings
) -> list[tuple[int, str]]:
    """Section 4's three start rules for each event, with the event before it in some time order."""
    reopens = [e["event_at"] for e in activity if is_reopen_to_the_letter(e, activity, settings)]
    ordered = sorted(activity, key=lambda e: e["event_at"])
    found = []
    for position, event in enumerate(ordered):
        at = event["event_at"]
        if position == 0:
            found.append((at, "first"))
            continue
        previous_at = ordered[position - 1]["event_at"]
        if at - previous_at >= settings.timeout:
            found.append((at, "timeout"))
        elif any(previous_at < reopen <= at for reopen in reopens):
            found.append((at, "reopen"))
    return found


STREAM_SEEDS = range(2000)


def activity_by_actor(rows: Iterable[dict[str, Any]], config: Config) -> dict[Any, list[Any]]:
    """Accepted activity events by actor."""
    actors: dict[Any, list[Any]] = {}
    for event in deduplicate(rows, config).accepted:
        if event["is_activity"]:
            actors.setdefault(reference.actor_of(event), []).append(event)
    return actors


def test_two_formulations_agree_on_thousands_of_streams():
    config = streams.stream_config()
    reasons: Counter[str] = Counter()
    for seed in STREAM_SEEDS:
        for actor, activity in activity_by_actor(streams.random_stream(seed), config).items():
            settings = config.settings_of(actor[0], actor[1])
            walked = [
                (events[0]["event_at"], reason)
                for reason, events in split_into_sessions(activity, settings)
            ]
            assert walked == starts_to_the_letter(activity, settings), f"seed {seed}, {actor}"
            reasons.update(reason for _, reason in walked)
    # the streams must not have become tame
    assert min(reasons["first"], reasons["timeout"], reasons["reopen"]) > 1000


def test_the_order_of_rows_changes_nothing_where_ties_have_a_rank():
    config = streams.stream_config()

    def rank(row: dict[str, Any]) -> str:
        return repr([row.get(column) for column in reference.EVENT_COLUMNS])

    for seed in range(200):
        rows = streams.random_stream(seed)
        shuffled = rows[:]
        random.Random(-seed - 1).shuffle(shuffled)
        results = []
        for order in (rows, shuffled):
            events = deduplicate(order, config, rank).accepted
            results.append((sessionize(events, config), installs(events, config)))
        assert results[0] == results[1], f"seed {seed}"


def test_nothing_is_lost_or_counted_twice():
    for seed in range(120):
        config = streams.stream_config(
            cohort_day_basis=("relative_24h", "calendar")[seed % 2],
            reporting_timezone=("UTC", "America/New_York", "Asia/Kolkata")[seed % 3],
        )
        rows = streams.random_stream(seed)
        result = deduplicate(rows, config)
        accepted = result.accepted
        assert len(rows) == len(accepted) + len(result.duplicates) + len(result.rejected)
        sessions, installed_users = sessionize(accepted, config), installs(accepted, config)
        assert sum(s["event_count"] for s in sessions) == sum(e["is_activity"] for e in accepted)
        assert len({s["session_id"] for s in sessions}) == len(sessions)
        days = user_days(accepted, config)
        cells = cohort_cells(days, installed_users, max_day=400)
        for column in ("ad_revenue_usd", "iap_revenue_usd", "app_open_count"):
            outside = sum(e.get(column) or 0 for e in accepted if not e["is_activity"])
            in_sessions = sum(s[column] for s in sessions)
            assert sum(d[column] for d in days) == in_sessions + outside
            after_install = sum(
                d[column] for d in days if d["day_n"] is not None and d["day_n"] >= 0
            )
            assert sum(c[column] for c in cells) == after_install
        for day in (0, 1):
            active = {d["user_key"] for d in days if d["day_n"] == day and d["is_active"]}
            assert sum(c["active_users"] for c in cells if c["day_n"] == day) == len(active)


def test_sessions_of_an_actor_neither_overlap_nor_leave_a_timeout_inside():
    for seed in range(300):
        config = streams.stream_config()
        for actor, activity in activity_by_actor(streams.random_stream(seed), config).items():
            settings = config.settings_of(actor[0], actor[1])
            runs = split_into_sessions(activity, settings)
            for (_, before), (reason, after) in pairwise(runs):
                gap = after[0]["event_at"] - before[-1]["event_at"]
                assert gap > 0
                assert (gap >= settings.timeout) == (reason == "timeout")
            for _, events in runs:
                times = [e["event_at"] for e in events]
                assert all(b - a < settings.timeout for a, b in pairwise(times))


def test_sessions_agree_with_a_vendors_by_events_with_an_id():
    minute = 60 * SECOND
    first = [
        (0, "a"), (10, "a"), (10, "b"), (15, None), (20, "a"),  # one session of ours
        (60, "a"), (70, "a"),  # another, in which a goes on
    ]  # fmt: skip
    second = [(0, "a"), (60, "d"), (65, "d")]  # the same cuts on both sides
    rows = [raw(at * minute, vendor_session_id=name) for at, name in first]
    rows += [raw(at * minute, vendor_session_id=name, device_id="u2") for at, name in second]
    rows += [raw(0, device_id="u3", vendor_session_id="(not set)")]
    rows += [raw(16 * minute, "push_received", vendor_session_id="c")]  # no activity
    rows += [raw(0, app_id="app.b")]  # an app without any id
    config = streams.stream_config()
    assert reference.session_agreement(deduplicate(rows, config).accepted, config) == [
        {
            "app_id": "app.a",
            "platform": "ios",
            "activity_date": date(2024, 3, 1),
            "session_count": 5,
            "vendor_session_count": 4,
            "equal_session_count": 2,
            "session_without_id_count": 1,
            "event_count": 11,
            "event_without_id_count": 2,
            "pair_count": 7,
            "agreeing_pair_count": 4,
            "our_split_count": 1,
            "vendor_split_count": 2,
            "equal_session_rate": 0.5,
            "agreeing_pair_rate": 4 / 7,
        }
    ]


def test_nothing_outside_a_chain_has_any_say_in_it():
    config = streams.stream_config()
    for seed in range(300):
        for actor, activity in activity_by_actor(streams.random_stream(seed), config).items():
            settings = config.settings_of(actor[0], actor[1])
            whole = split_into_sessions(activity, settings)
            chains: list[list[Any]] = []
            for reason, events in whole:
                if reason != "reopen":
                    chains.append([])
                chains[-1].extend(events)
            alone = [
                events for chain in chains for _, events in split_into_sessions(chain, settings)
            ]
            assert alone == [events for _, events in whole], f"seed {seed}, {actor}"


# --------------------------------------------------------------------------- the stream module


def test_streams_are_the_same_for_the_same_seed_and_hold_every_awkward_case():
    assert streams.random_stream(7) == streams.random_stream(7)
    config = streams.stream_config()
    seen: Counter[str] = Counter()
    for seed in range(400):
        rows = streams.random_stream(seed)
        result = deduplicate(rows, config)
        seen.update(row["rejection_reason"] for row in result.rejected)
        for row in rows:
            if reference.rejection_reason(row, config) is None:
                values = reference.optional_values(row, config)
                seen.update(name for name in values if values[name] != row.get(name))
                seen["negative"] += (values["revenue"] or 0) < 0
                seen["unknown_currency"] += row.get("currency") == "XXX"
        seen["duplicate"] += len(result.duplicates)
        seen["undecided"] += len(result.undecided())
        seen["empty"] += not rows
        sessions = sessionize(result.accepted, config)
        seen["reengagement"] += sum(s["is_reengagement"] for s in sessions)
        seen["over_long"] += sum(s["exceeds_max_length"] for s in sessions)
        seen["late_first"] += sum(
            s["is_first_session"] and s["session_number"] > 1 for s in sessions
        )
        seen["reinstall"] += sum(i["is_reinstall"] for i in installs(result.accepted, config))
        for activity in activity_by_actor(rows, config).values():
            times = sorted(e["event_at"] for e in activity)
            settings = config.settings_of(activity[0]["app_id"], activity[0]["platform"])
            for earlier, later in pairwise(times):
                near = later - earlier - settings.timeout
                seen.update({f"timeout{near:+d}": 1} if -1 <= near <= 1 else {})
                seen["tie"] += later == earlier
    for case in (
        *("missing_app_id", "missing_actor", "missing_event_name", "missing_event_at"),
        *("event_at_in_future", "event_at_too_old", "installed_at", "ad_revenue_usd"),
        *("negative", "unknown_currency", "duration_seconds", "duplicate", "undecided", "empty"),
        *("reengagement", "over_long", "late_first", "reinstall"),
        *("timeout-1", "timeout+0", "timeout+1", "tie"),
    ):
        assert seen[case] > 0, case


def row_counts(rows: Iterable[dict[str, Any]]) -> Counter[str]:
    """Rows as a multiset."""
    return Counter(repr(sorted(row.items())) for row in rows)


def test_batches_hold_every_row_once_and_keep_their_promises():
    equal_across, behind, empty = 0, 0, 0
    for seed in range(300):
        rows = streams.random_stream(seed)
        chooser = streams.RandomChooser(random.Random(seed))
        k = 1 + seed % 6
        in_order = streams.batches_in_order(rows, k, chooser)
        hostile = streams.batches_hostile(rows, k, chooser, load_lookback_days=3)
        for batches in (in_order, hostile):
            assert len(batches) == k
            assert row_counts(row for batch in batches for row in batch) == row_counts(rows)
        loads = [[row["loaded_at"] for row in batch] for batch in in_order if batch]
        assert all(max(a) < min(b) for a, b in pairwise(loads))
        watermark = None
        for batch in hostile:
            empty += not batch
            for row in batch:
                if watermark is not None:
                    assert row["loaded_at"] >= watermark - 3 * DAY
                    behind += row["loaded_at"] < watermark
                    equal_across += row["loaded_at"] == watermark
            watermark = max([row["loaded_at"] for row in batch] + [watermark or 0])
    assert min(equal_across, behind, empty) > 0


def test_files_of_the_generic_layout_carry_microseconds_and_blanks(tmp_path: Path):
    path = tmp_path / "events.csv"
    streams.write_generic_csv([raw(7, revenue=Decimal("1.50"), is_reengagement=False)], path)
    header, line = path.read_text(encoding="utf-8").splitlines()
    cells = dict(zip(header.split(","), line.split(","), strict=True))
    assert cells["event_at"] == "2024-03-01 12:00:00.000007"
    assert (cells["revenue"], cells["is_reengagement"], cells["country"]) == ("1.50", "false", "")
    assert "provider" not in cells


def test_the_hypothesis_strategy_makes_streams_that_the_reference_takes():
    hypothesis = pytest.importorskip("hypothesis")

    @hypothesis.settings(
        max_examples=50,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(
        streams.stream_strategy(shape=streams.Shape(max_events=20)), streams.chooser_strategy()
    )
    def check(rows: list[dict[str, Any]], chooser: streams.Chooser) -> None:
        batches = streams.batches_hostile(rows, 3, chooser)
        assert row_counts(row for batch in batches for row in batch) == row_counts(rows)
        config = streams.stream_config()
        for actor, activity in activity_by_actor(rows, config).items():
            settings = config.settings_of(actor[0], actor[1])
            walked = [
                (events[0]["event_at"], reason)
                for reason, events in split_into_sessions(activity, settings)
            ]
            assert walked == starts_to_the_letter(activity, settings)

    check()
