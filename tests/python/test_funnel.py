"""The macro `funnel` alone: by hand, and of random events against a search through all of them."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest
from dbt_harness import Dbt

START = datetime(2025, 1, 1)
Event = tuple[str, int, str]


@pytest.fixture(scope="module")
def compiler(tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """dbt, for its compiler."""
    return Dbt(tmp_path_factory.mktemp("funnel"))


def run(dbt: Dbt, events: list[Event], steps: list[str], window: int | None) -> dict[str, list]:
    """Of each user the seconds of each step, by the SQL."""
    call = f"funnel('hits', {steps!r}, 'visitor', 'seen', 'what', window_seconds={window})"
    result = dbt("compile", "--inline", "{{ " + call + " }}")
    sql = result.output.results[0].node.compiled_code
    with duckdb.connect() as connection:
        connection.execute("create table hits (visitor varchar, seen timestamp, what varchar)")
        connection.executemany(
            "insert into hits values (?, ?, ?)",
            [(user, START + timedelta(seconds=at), name) for user, at, name in events],
        )
        rows = connection.execute(sql).fetchall()
    for _, *times, count in rows:
        assert count == sum(time is not None for time in times)
    return {
        user: [None if time is None else (time - START).total_seconds() for time in times]
        for user, *times, _ in rows
    }


def test_steps_in_their_order_within_the_window_by_hand(compiler: Dbt):
    """`whole`: c once before b, once after it. `late`: b a second after the window, another a does
    not help. `edge`: b at its last second. `tie`: all at one instant. `gap`: no b, so no c.
    `none`: no entry."""
    did = {
        "whole": "0a 1c 2b 4c",
        "late": "0a 9a 11b",
        "edge": "5a 15b 16c",
        "tie": "3c 3b 3a 3x",
        "gap": "0a 1c",
        "none": "0b",
    }
    events = [
        (user, int(each[:-1]), each[-1]) for user, some in did.items() for each in some.split()
    ]
    found = run(compiler, events, ["a", "b", "c"], 10)
    assert found == {
        "whole": [0, 2, 4],
        "late": [0, None, None],
        "edge": [5, 15, None],
        "tie": [3, 3, 3],
        "gap": [0, None, None],
    }


def test_a_name_that_comes_again_is_another_event(compiler: Dbt):
    events = [("once", 0, "it's"), ("twice", 0, "it's"), ("twice", 0, "it's"), ("twice", 7, "it's")]
    assert run(compiler, events, ["it's", "it's"], None) == {"once": [0, None], "twice": [0, 7]}


def deepest(events: list[tuple[int, str]], steps: list[str], window: int | None) -> list:
    """Of all ways through the events from the first entry on the longest, of these the earliest."""
    entry = min(at for at, name in events if name == steps[0])

    def ways(done: list[int]):
        yield done
        number = len(done)
        if number == len(steps):
            return
        for at, name in events:
            again = steps[number] in steps[:number]
            if (
                name == steps[number]
                and (at > done[-1] if again else at >= done[-1])
                and (window is None or at <= entry + window)
            ):
                yield from ways([*done, at])

    best = min(ways([entry]), key=lambda way: (-len(way), way))
    return best + [None] * (len(steps) - len(best))


@pytest.mark.parametrize("window", [None, 6])
@pytest.mark.parametrize("steps", [["a", "b", "c"], ["a", "b", "a", "c"], ["a", "a", "b"]])
def test_random_events_go_as_far_as_any_way_through_them(
    compiler: Dbt, steps: list[str], window: int | None
):
    generator = random.Random(9)
    by_user: dict[str, list[tuple[int, str]]] = {}
    for number in range(300):
        by_user[f"{number}"] = [
            (generator.randrange(12), generator.choice("aabbcx"))
            for _ in range(generator.randint(1, 9))
        ]
    events = [(user, at, name) for user, some in by_user.items() for at, name in some]
    wanted: dict[str, list[Any]] = {
        user: deepest(some, steps, window)
        for user, some in by_user.items()
        if any(name == steps[0] for _, name in some)
    }
    assert run(compiler, events, steps, window) == wanted
    assert sum(None not in way for way in wanted.values()) > 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("'hits', ['a']", "steps must be a list of two or more names of events"),
        ("'hits', 'ab'", "steps must be a list of two or more names of events, got 'ab'"),
        ("'hits', ['a', 'b'], window_seconds=0", "above 0, or none, got '0'"),
        ("'hits', ['a', 'b'], window_seconds='60'", "above 0, or none, got '60'"),
    ],
)
def test_wrong_arguments_are_named(compiler: Dbt, arguments: str, message: str):
    result = compiler("compile", "--inline", "{{ funnel(" + arguments + ") }}", check=False)
    assert not result.success
    text = f"{result} {result.messages}"
    assert "funnel: " in text
    assert message in text
