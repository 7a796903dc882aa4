"""The macro `sessionize` alone: its compiled SQL on plain DuckDB against the reference.

dbt compiles the macro once per variant; after that no dbt is involved. Many streams are packed as
many users into one table, so thousands of them cost one query.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import duckdb
import pytest
from dbt_harness import Dbt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reference import (
    MICROS_PER_SECOND,
    SessionSettings,
    actor_of,
    canonical_event,
    micros,
    moment_of,
    split_into_sessions,
)
from streams import (
    BASE,
    BytesChooser,
    Chooser,
    RandomChooser,
    Shape,
    _next_time,
    _pick,
    _pick_weighted,
    random_stream,
    stream_config,
)

# one event: (user, microseconds, event type, amount); one user: settings and events
Event = tuple[str, int, str, int]
Session = tuple[Any, ...]

PLAIN_SHAPE = Shape(duplicate_percent=0, invalid_percent=0, attributes=False, non_activity=False)
MEASURES = """
    counts={'event_count': 'true', 'open_count': "kind = 'app_open'"},
    sums={'amount_sum': 'amount'},
    minima={'amount_least': 'amount'},
    maxima={'amount_greatest': 'amount'}
"""
KINDS = {"level": 3, "app_open": 4, "app_close": 4}
# other people's columns: a text key, no `event_at`, no `user_key`, no `event_type`
COMPILED = {
    "with reopens": f"""sessionize(
        'hits', user_key='visitor', event_at='seen', timeout_seconds='timeout_column',
        event_type='kind', close_grace_seconds='grace_column', {MEASURES})""",
    "without reopens": f"""sessionize(
        'hits', user_key='visitor', event_at='seen', timeout_seconds='timeout_column',
        {MEASURES})""",
    "by constants": f"""sessionize(
        'hits', user_key='visitor', event_at='seen', timeout_seconds=60, event_type='kind',
        close_grace_seconds=5, {MEASURES})""",
    "bare": "sessionize('hits', user_key='visitor', event_at='seen')",
}


class Sessionizer:
    """The compiled variants of the macro on a DuckDB connection of their own."""

    def __init__(self, dbt: Dbt):
        self.sql = {name: compile_inline(dbt, call) for name, call in COMPILED.items()}
        self.connection = duckdb.connect()
        self.connection.execute("set TimeZone = 'UTC'")

    def __call__(
        self, variant: str, events: Iterable[Event], by_user: dict[str, SessionSettings]
    ) -> list[Session]:
        """Sessions of the events as the SQL sees them, every column, in order."""
        rows = list(events)
        columns: dict[str, list[Any]] = {
            "visitor": [row[0] for row in rows],
            "seen_us": [row[1] for row in rows],
            "kind": [row[2] for row in rows],
            "amount": [row[3] for row in rows],
            "timeout_column": [by_user[row[0]].session_timeout_seconds for row in rows],
            "grace_column": [by_user[row[0]].close_grace_seconds for row in rows],
        }
        unnested = ", ".join(f"unnest(${name}) as {name}" for name in columns)
        self.connection.execute(
            "create or replace table hits as"
            " select * exclude (seen_us), make_timestamp(seen_us) as seen"
            f" from (select {unnested})",
            columns,
        )
        return self.connection.execute(
            f"select * replace (epoch_us(started_at) as started_at, epoch_us(ended_at) as ended_at,"
            f" epoch_us(chain_started_at) as chain_started_at)"
            f" from ({self.sql[variant]}) as sessions order by visitor, started_at"
        ).fetchall()


def compile_inline(dbt: Dbt, call: str) -> str:
    """The SQL of a macro call, compiled by dbt."""
    result = dbt("compile", "--inline", "{{ " + call + " }}")
    return result.output.results[0].node.compiled_code


@pytest.fixture(scope="module")
def sessionizer(tmp_path_factory: pytest.TempPathFactory) -> Sessionizer:
    """The macro, compiled once for this file."""
    return Sessionizer(Dbt(tmp_path_factory.mktemp("sessionize")))


def expected_sessions(
    events: Iterable[Event], by_user: dict[str, SessionSettings], with_reopens: bool = True
) -> list[Session]:
    """The reference's sessions, as rows of the macro's columns."""
    users: dict[str, list[dict[str, Any]]] = {}
    for user, at, kind, amount in events:
        kind = kind if with_reopens else "in_app_event"
        users.setdefault(user, []).append(
            {"event_at": at, "event_type": kind, "amount": amount, "kind": kind}
        )
    rows: list[Session] = []
    for user in sorted(users):
        chain_started_at = None
        for reason, own in split_into_sessions(users[user], by_user[user]):
            instants = [event["event_at"] for event in own]
            amounts = [event["amount"] for event in own]
            if reason != "reopen":
                chain_started_at = min(instants)
            opens = sum(event["kind"] == "app_open" for event in own)
            rows.append(
                (
                    user,
                    min(instants),
                    max(instants),
                    chain_started_at,
                    reason,
                    len(own),
                    opens,
                    sum(amounts),
                    min(amounts),
                    max(amounts),
                )
            )
    return rows


def without_opens(rows: Sequence[Session]) -> list[Session]:
    """Rows without the count of opens, for the reference that was told of no lifecycle events."""
    return [row[:6] + row[7:] for row in rows]


def one_user(chooser: Chooser, user: str, count: int) -> tuple[list[Event], SessionSettings]:
    """A user's events near every boundary, in a scale of their own."""
    own_settings = SessionSettings(
        session_timeout_seconds=_pick(chooser, (60, 1, 7, 1800, 86_400)),
        close_grace_seconds=_pick(chooser, (5, 0, 1, 60, 4000)),
    )
    at = _pick(chooser, (BASE, 0, -3, micros("0001-01-01"), micros("9990-01-01")))
    events: list[Event] = []
    for number in range(count):
        if number:
            at = _next_time(chooser, at, own_settings)
        events.append((user, at, _pick_weighted(chooser, KINDS), number % 5))
    return events, own_settings


def packed(count: int, seed: int) -> tuple[list[Event], dict[str, SessionSettings]]:
    """Many users' events in random order."""
    generator = random.Random(seed)
    events: list[Event] = []
    by_user: dict[str, SessionSettings] = {}
    for number in range(count):
        user = f"user {number:05}"
        own, by_user[user] = one_user(
            RandomChooser(generator), user, generator.choice((1, 2, 3, 6, 12, 25))
        )
        events += own
    generator.shuffle(events)
    return events, by_user


@pytest.mark.parametrize("seed", range(3))
def test_thousands_of_random_users_equal_the_reference(sessionizer: Sessionizer, seed: int):
    events, by_user = packed(count=4000, seed=seed)
    actual = sessionizer("with reopens", events, by_user)
    assert actual == expected_sessions(events, by_user)
    reasons = [row[4] for row in actual]
    assert min(map(reasons.count, ("first", "timeout", "reopen"))) > 1000, "a tame generator"


def test_without_event_types_only_gaps_count(sessionizer: Sessionizer):
    events, by_user = packed(count=3000, seed=11)
    actual = sessionizer("without reopens", events, by_user)
    expected = expected_sessions(events, by_user, with_reopens=False)
    assert without_opens(actual) == without_opens(expected)


def test_streams_of_the_pipeline_equal_the_reference_too(sessionizer: Sessionizer):
    config = stream_config()
    events: list[Event] = []
    by_user: dict[str, SessionSettings] = {}
    for seed in range(500):
        for row in random_stream(seed, shape=PLAIN_SHAPE):
            event = canonical_event(row, config)
            user = " ".join(actor_of(event))
            by_user[user] = config.settings_of(event["app_id"], event["platform"])
            events.append((user, event["event_at"], event["event_type"], 1))
    assert sessionizer("with reopens", events, by_user) == expected_sessions(events, by_user)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    data=st.lists(st.binary(min_size=8, max_size=120), min_size=1, max_size=12),
)
def test_no_stream_that_hypothesis_finds_differs(sessionizer: Sessionizer, data: list[bytes]):
    events: list[Event] = []
    by_user: dict[str, SessionSettings] = {}
    for number, choices in enumerate(data):
        user = f"u{number:02}"
        own, by_user[user] = one_user(BytesChooser(choices), user, 1 + len(choices) // 5)
        events += own
    assert sessionizer("with reopens", events, by_user) == expected_sessions(events, by_user)


def at(text: str) -> int:
    """Microseconds of a time on one day."""
    return micros(f"2024-03-09 {text}")


def starts(rows: Sequence[Session]) -> list[tuple[str, str]]:
    """Time of day and reason of each session."""
    return [(moment_of(row[1]).strftime("%H:%M:%S.%f")[:-5], row[4]) for row in rows]


def test_a_gap_of_exactly_the_timeout_starts_a_session_and_a_microsecond_less_does_not(
    sessionizer: Sessionizer,
):
    by_user = dict.fromkeys(("exact", "less"), SessionSettings())
    begin, second = at("10:00:00"), 1800 * MICROS_PER_SECOND
    events = [
        ("exact", begin, "app_open", 1),
        ("exact", begin + second, "level", 1),
        ("less", begin, "app_open", 1),
        ("less", begin + second - 1, "level", 1),
    ]
    rows = sessionizer("with reopens", events, by_user)
    assert [(row[0], row[4]) for row in rows] == [
        ("exact", "first"),
        ("exact", "timeout"),
        ("less", "first"),
    ]


def test_constants_work_like_columns(sessionizer: Sessionizer):
    events = [
        ("a", at("10:00:00"), "app_open", 1),
        ("a", at("10:00:10"), "app_close", 1),
        ("a", at("10:00:15"), "app_open", 1),  # within the grace
        ("a", at("10:00:20"), "app_close", 1),
        ("a", at("10:00:25.1"), "app_open", 1),  # beyond it
        ("a", at("10:01:25.1"), "level", 1),  # a minute later
    ]
    rows = sessionizer("by constants", events, {"a": SessionSettings()})
    assert starts(rows) == [
        ("10:00:00.0", "first"),
        ("10:00:25.1", "reopen"),
        ("10:01:25.1", "timeout"),
    ]


def test_it_needs_nothing_but_a_user_and_a_time(sessionizer: Sessionizer):
    events = [("x'; --", at("10:00:00"), "", 1), ("x'; --", at("11:00:00"), "", 1)]
    rows = sessionizer("bare", events, {"x'; --": SessionSettings()})
    assert [(row[0], row[4]) for row in rows] == [("x'; --", "first"), ("x'; --", "timeout")]
    assert len(rows[0]) == 5


def test_no_rows_give_no_sessions(sessionizer: Sessionizer):
    for variant in COMPILED:
        sessionizer.connection.execute(
            "create or replace table hits (visitor varchar, seen timestamp, kind varchar,"
            " amount integer, timeout_column integer, grace_column integer)"
        )
        assert not sessionizer.connection.execute(sessionizer.sql[variant]).fetchall()


def test_the_order_of_the_rows_changes_nothing(sessionizer: Sessionizer):
    events, by_user = packed(count=300, seed=5)
    first = sessionizer("with reopens", events, by_user)
    assert sessionizer("with reopens", reversed(events), by_user) == first
    assert all(isinstance(row[1], int) for row in first)
    assert not isinstance(first[0][1], datetime)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("timeout_seconds=0", "timeout_seconds must be a whole number of seconds above 0"),
        ("timeout_seconds=-1", "timeout_seconds must be a whole number of seconds above 0"),
        ("timeout_seconds=true", "timeout_seconds must be a whole number of seconds above 0"),
        ("timeout_seconds='30 * 60'", "got '30 * 60'"),
        ("timeout_seconds='-1'", "got '-1'"),
        ("timeout_seconds=''", "timeout_seconds must be a whole number of seconds above 0"),
        ("timeout_seconds=1.5", "got '1.5'"),
        ("timeout_seconds=none", "timeout_seconds must be a whole number of seconds above 0"),
        ("close_grace_seconds=-1", "close_grace_seconds must be a whole number of seconds"),
        ("close_grace_seconds=2.5", "got '2.5'"),
        ("close_grace_seconds='5'", "got '5'"),
        ("counts={'n': 'true'}, sums={'n': '1'}", "the column 'n' is asked for twice"),
        (
            "counts={'started_at': 'true'}",
            "the column name 'started_at' is taken by sessionize itself",
        ),
        ("maxima={'visitor': '1'}", "the column name 'visitor' is taken"),
        (
            "minima={'start_reason': '1'}",
            "the column name 'start_reason' is taken by sessionize itself",
        ),
        ("sums={'last_us': '1'}", "the column name 'last_us' is taken"),
        ("minima={'n': '1'}, texts=['m']", "texts must name columns of minima or maxima, got 'm'"),
        ("counts=['event_count']", "must be mappings of column name to SQL expression"),
    ],
)
def test_a_wrong_argument_is_named(dbt: Dbt, arguments: str, message: str):
    call = "{{ sessionize('hits', user_key='visitor', " + arguments + ") }}"
    result = dbt("compile", "--inline", call, check=False)
    assert not result.success
    text = f"{result} {result.messages}"
    assert "sessionize: " in text
    assert message in text


def test_a_relation_must_be_given(dbt: Dbt):
    result = dbt("compile", "--inline", "{{ sessionize('') }}", check=False)
    assert not result.success
    assert "sessionize: relation must be a relation" in f"{result} {result.messages}"


def test_what_a_run_keeps_is_made_once_and_two_selects_never_share_a_name(dbt: Dbt):
    """Where an engine keeps the steps of sessionize as tables, a model may have them twice."""
    call = "{% do model.update({'plan': {'computed_from': {}}}) %}"
    for select in ("1 as one", "2 as two", "1 as one", "2 as two", "3 as three"):
        call += "{% set made = _made_before('slots', 'select " + select + "', {}) %}"
        call += "{{ made.name }} {{ made.is_new }}\n"
    result = dbt("compile", "--inline", call).output.results[0].node.compiled_code
    assert result.split("\n")[:5] == [
        "slots True",
        "slots_2 True",
        "slots False",
        "slots_2 False",
        "slots_3 True",
    ]
