"""How tables of a warehouse are taken in: by loads, each known by a digest of its rows.

A story is an app whose rows in `raw.events` change from run to run; all stories share the runs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pipeline import Pipeline, assert_equal_tables

VARS = {"raw_path": None, "raw_schema": "raw"}
EVENTS = ["+int_events", "+int_events_rejected", "+int_events_duplicates"]
AT = "2024-03-09 10:00:00"
ONE, TWO, THREE = "2024-03-10 00:00:00", "2024-03-11 00:00:00", "2024-03-12 00:00:00"
COLUMNS = (
    "event_id", "app_id", "device_id", "event_name", "event_at", "loaded_at", "revenue", "currency",
)  # fmt: skip


def row(name: str, revenue: float, loaded_at: str | None = ONE, **cells: str | None) -> list[Any]:
    """A row of raw.events; `{app}` is the story's app."""
    values = {
        "event_id": name,
        "app_id": "{app}",
        "device_id": "d",
        "event_name": name,
        "event_at": AT,
        "loaded_at": loaded_at,
        "revenue": str(revenue),
        "currency": "USD",
    } | cells
    return [values[column] for column in COLUMNS]


@dataclass
class Story:
    """Statements and rows to insert, run by run; the accepted events with their revenue after each.

    `archived` rows are deleted with their whole load, and stay.
    """

    steps: list[list[Any]]
    expected: list[dict[str, float]]
    duplicates: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    archived: Sequence[list[Any]] = ()


MINE = "where app_id = '{app}'"
STORIES = {
    "a load in two goes": Story(
        [[row("a", 1), row("b", 2)], [row("c", 3)], [row("d", 4)]],
        [{"a": 1, "b": 2}, {"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 2, "c": 3, "d": 4}],
    ),
    "a row corrected in place": Story(
        [
            [row("a", 5), row("b", 2)],
            [f"update raw.events set revenue = '6' {MINE} and event_id = 'a'"],
        ],
        [{"a": 5, "b": 2}, {"a": 6, "b": 2}],
    ),
    "a row without an id corrected in place": Story(
        [[row("a", 5, event_id=None)], [f"update raw.events set revenue = '6' {MINE}"]],
        [{"a": 5}, {"a": 6}],
    ),
    "values that change places": Story(
        [
            [row("a", 1), row("b", 2)],
            [f"update raw.events set revenue = (3 - revenue::integer)::varchar {MINE}"],
        ],
        [{"a": 1, "b": 2}, {"a": 2, "b": 1}],
    ),
    "a row deleted": Story(
        [[row("a", 1), row("b", 2)], [f"delete from raw.events {MINE} and event_id = 'a'"]],
        [{"a": 1, "b": 2}, {"b": 2}],
    ),
    "another row in place of one": Story(
        [
            [row("a", 1), row("b", 2)],
            [f"delete from raw.events {MINE} and event_id = 'a'", row("c", 3)],
        ],
        [{"a": 1, "b": 2}, {"b": 2, "c": 3}],
    ),
    "the same rows deleted and inserted again": Story(
        [[row("a", 1), row("b", 2)], [f"delete from raw.events {MINE}", row("b", 2), row("a", 1)]],
        [{"a": 1, "b": 2}, {"a": 1, "b": 2}],
    ),
    "a row twice, then once, then three times": Story(
        [
            [row("a", 1), row("a", 1)],
            [f"delete from raw.events {MINE}", row("a", 1)],
            [row("a", 1), row("a", 1)],
        ],
        3 * [{"a": 1}],
        duplicates=2,
    ),
    "a load deleted whole": Story(
        [
            [row("a", 1, "2024-03-09 20:00:00"), row("b", 2)],
            [f"delete from raw.events {MINE} and event_id = 'a'"],
            [row("c", 3, TWO)],
        ],
        [{"a": 1, "b": 2}, {"a": 1, "b": 2}, {"a": 1, "b": 2, "c": 3}],
        archived=[row("a", 1, "2024-03-09 20:00:00")],
    ),
    "the counted copy goes": Story(
        [
            [row("a", 1), row("a", 2, TWO), row("b", 3)],
            [f"delete from raw.events {MINE} and event_id = 'a' and revenue = '1'"],
        ],
        [{"a": 1, "b": 3}, {"a": 2, "b": 3}],
    ),
    "the counted copy is refused": Story(
        [
            [row("a", 1), row("a", 2, TWO)],
            [f"update raw.events set device_id = '' {MINE} and revenue = '1'"],
        ],
        [{"a": 1}, {"a": 2}],
        refused={"missing_actor": 1},
    ),
    "a refused row is mended": Story(
        [
            [row("a", 1, device_id=""), row("a", 2, TWO)],
            [f"update raw.events set device_id = 'd' {MINE} and revenue = '1'"],
        ],
        [{"a": 2}, {"a": 1}],
        duplicates=1,
    ),
    "a row moves to another load": Story(
        [
            [row("a", 1), row("a", 2, TWO), row("b", 3)],
            [f"update raw.events set loaded_at = '{THREE}' {MINE} and revenue = '1'"],
        ],
        [{"a": 1, "b": 3}, {"a": 2, "b": 3}],
        duplicates=1,
    ),
    "an earlier load that comes later": Story(
        [[row("a", 2, TWO)], [row("a", 1)]], [{"a": 2}, {"a": 1}], duplicates=1
    ),
    # case 6
    "a refused row that claims to be loaded in a year": Story(
        [
            [row("a", 1), row("typo", 1, "2025-03-10 00:00:00", device_id="")],
            [row("b", 2, TWO)],
        ],
        [{"a": 1}, {"a": 1, "b": 2}],
        refused={"missing_actor": 1},
    ),
    "rows without a load time": Story(
        [[row("a", 1), row("x", 1, None)], [row("y", 1, None)], [row("b", 2, TWO)]],
        [{"a": 1}, {"a": 1}, {"a": 1, "b": 2}],
        refused={"missing_loaded_at": 2},
    ),
}
APP = {what: f"app_{number:02}" for number, what in enumerate(STORIES)}
RUNS = max(len(story.steps) for story in STORIES.values())


def create(pipeline: Pipeline) -> None:
    """The table, empty."""
    with pipeline.connect(read_only=False) as connection:
        connection.execute("create schema raw")
        connection.execute(
            f"create table raw.events ({', '.join(f'{name} varchar' for name in COLUMNS)},"
            ' "size 5""; --" varchar)'
        )


def change(pipeline: Pipeline, what: str, steps: Sequence[Any]) -> None:
    """Run statements and insert rows."""
    with pipeline.connect(read_only=False) as connection:
        for step in steps:
            if isinstance(step, str):
                connection.execute(step.replace("{app}", APP[what]))
            else:
                connection.execute(
                    f"insert into raw.events ({', '.join(COLUMNS)}) values"
                    f" ({', '.join('?' * len(COLUMNS))})",
                    [APP[what] if cell == "{app}" else cell for cell in step],
                )


@dataclass
class Told:
    """What all stories came to: per run and app, the accepted events with their revenue."""

    pipeline: Pipeline
    events: list[dict[str, dict[str, float]]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """All stories, run by run."""
    pipeline = Pipeline(tmp_path_factory.mktemp("tables"), vars=VARS, select=EVENTS)
    create(pipeline)
    events: list[dict[str, dict[str, float]]] = []
    for run in range(RUNS):
        for what, story in STORIES.items():
            change(pipeline, what, story.steps[run] if run < len(story.steps) else [])
        pipeline.run()
        found: dict[str, dict[str, float]] = {app: {} for app in APP.values()}
        for app, name, revenue in pipeline.query(
            "select app_id, event_name, revenue::double from intermediate.int_events"
        ):
            assert name not in found[app], f"{name} of {app} is there twice"
            found[app][name] = revenue
        events.append(found)
    return Told(pipeline, events)


@pytest.mark.parametrize("what", STORIES)
def test_story(told: Told, what: str):
    story, app = STORIES[what], APP[what]
    expected = story.expected + (RUNS - len(story.expected)) * [story.expected[-1]]
    assert [events[app] for events in told.events] == expected
    pipeline = told.pipeline
    assert pipeline.count("intermediate.int_events_duplicates", f"app_id = '{app}'") == (
        story.duplicates
    )
    assert story.refused == dict(
        pipeline.query(
            "select rejection_reason, count(*) from intermediate.int_events_rejected"
            f" where app_id = '{app}' group by 1"
        )
    )


def test_another_run_writes_no_row(told: Told):
    pipeline = told.pipeline
    rows = "select count(*), bit_xor(hash(rowid, l)) from intermediate.int_event_log as l"
    before = pipeline.query(rows)
    pipeline.run()
    assert pipeline.query(rows) == before


def test_dbt_says_how_fresh_the_tables_are(told: Told):
    # the newest load is of March 2025, older than the source allows
    result = told.pipeline.dbt(
        "source", "freshness", "--select", "source:generic.events", check=False
    )
    assert result.statuses["events"] == "error", str(result)


def test_a_full_refresh_that_would_lose_loads_names_them(told: Told):
    pipeline = told.pipeline
    before = pipeline.query("select * from intermediate.int_event_log order by all")
    result = pipeline.run("--full-refresh", check=False)
    assert not result.success
    said = str(result)
    # one load was deleted with all its rows; of the others the log knows what the table holds
    assert "generic at 2024-03-09 20:00:00 (1 rows, now 0)" in said
    assert "2024-03-11" not in said
    typed = said.partition("dbt build --full-refresh --vars '")[2].partition("'")[0]
    assert json.loads(typed) == {**pipeline.dbt.vars, "accept_lost_loads": True}
    assert pipeline.query("select * from intermediate.int_event_log order by all") == before


def test_stories_end_as_if_all_rows_had_come_at_once(told: Told):
    pipeline = told.pipeline
    twin = Pipeline(pipeline.folder / "twin", vars=VARS, select=EVENTS)
    create(twin)
    with twin.connect(read_only=False) as connection:
        connection.execute(f"attach '{pipeline.dbt.database}' as built (read_only)")
        connection.execute("insert into raw.events select * from built.raw.events")
    for what, story in STORIES.items():
        change(twin, what, story.archived)
    twin.run()
    assert_equal_tables(pipeline, twin)
    # with what was deleted back in its place, nothing would be lost
    for what, story in STORIES.items():
        change(pipeline, what, story.archived)
    pipeline.run("--full-refresh")
    assert_equal_tables(pipeline, twin)


# ------------------------------------------------------------------------- spend and ad revenue


# date first, key and amount before the time of the load
FEEDS = {
    "ad_spend": "spend_date, app_id, platform, channel, campaign_id, spend, loaded_at",
    "ad_revenue": "revenue_date, app_id, platform, country, ad_network, revenue, loaded_at",
}


def test_a_date_that_a_table_no_longer_holds_keeps_its_amounts(tmp_path: Path):
    """Of a date that it still holds, what it holds counts: a row that is deleted is gone."""
    pipeline = Pipeline(tmp_path, vars=VARS, select=["+fct_ad_spend", "+fct_ad_revenue"])
    create(pipeline)
    change(pipeline, "a load in two goes", STORIES["a load in two goes"].steps[0])

    def say(*statements: str) -> None:
        """Run statements on both tables; `{date}`, `{key}` are one's columns."""
        with pipeline.connect(read_only=False) as connection:
            for statement in statements:
                for feed, columns in FEEDS.items():
                    names = columns.split(", ")
                    connection.execute(
                        statement.format(
                            feed=feed, date=names[0], key=names[4], columns=" text, ".join(names)
                        )
                    )

    def line(on: str, key: str, amount: int, loaded_at: str = ONE) -> str:
        return (
            f"insert into raw.{{feed}} values"
            f" ('{on}', 'app_00', 'ios', 'DE', '{key}', '{amount}', '{loaded_at}')"
        )

    def check(expected: dict[tuple[str, str], int], *args: str) -> None:
        """Both facts have these amounts, by day of March and key, after a run."""
        pipeline.run(*args)
        for feed, columns in FEEDS.items():
            date, _, _, _, key, amount, _ = columns.split(", ")
            rows = pipeline.query(
                f"select {date}, {key}, {amount}_usd::integer from core.fct_{feed}"
            )
            assert {(f"{on:%d}", name): value for on, name, value in rows} == expected

    first, second, third = "2024-03-01", "2024-03-02", "2024-03-03"
    say(
        "create table raw.{feed} ({columns} text)",
        *(line(on, key, amount) for on, key, amount in (
            (first, "a", 1), (first, "b", 2), (second, "a", 4), (second, "b", 8), ("soon", "a", 99)
        )),
    )  # fmt: skip
    check({("01", "a"): 1, ("01", "b"): 2, ("02", "a"): 4, ("02", "b"): 8})

    # the first date is archived, a row of the second is taken back, a third comes
    say(
        f"delete from raw.{{feed}} where {{date}} = '{first}'",
        f"delete from raw.{{feed}} where {{date}} = '{second}' and {{key}} = 'b'",
        line(third, "a", 16, TWO),
    )
    kept = {("01", "a"): 1, ("01", "b"): 2, ("02", "a"): 4, ("03", "a"): 16}
    check(kept)
    rows = "select bit_xor(hash(rowid, l)) from intermediate.int_ad_spend_log as l"
    before = pipeline.query(rows)
    check(kept)
    assert pipeline.query(rows) == before

    # a full refresh would lose the first date
    said = str(pipeline.run("--full-refresh", check=False))
    assert "1 date(s) of int_ad_spend_log in tables of raw were loaded and cannot be read" in said
    assert "generic on 2024-03-01" in said

    # back with another amount, and in part: that is what the date has now
    say(line(first, "a", 32, THREE))
    restated = {("01", "a"): 32, ("02", "a"): 4, ("03", "a"): 16}
    check(restated)
    check(restated, "--full-refresh")
    assert pipeline.query(
        "select rejection_reason from intermediate.int_ad_spend where rejection_reason is not null"
    ) == [("unparsable_spend_date",)]


def test_columns_that_hold_a_loader_s_values_of_other_types(tmp_path: Path):
    """A loader made `revenue` bigint by the first amount, and put what did not fit beside it."""
    pipeline = Pipeline(tmp_path, vars=VARS, select=EVENTS)
    with pipeline.connect(read_only=False) as connection:
        connection.execute("create schema raw")
        connection.execute(
            "create table raw.events as select name as event_id, 'app' as app_id,"
            " whole_id as device_id, name as event_name, 'USD' as currency, whole as amount,"
            f" timestamp '{AT}' as event_at, timestamp '{ONE}' as loaded_at,"
            ' cents as "amount__v_double", written as amount__v_text, other_id as device_id__v_text'
            " from (values ('a', 7, 5::bigint, null::double, null, null),"
            " ('b', 7, null, 4.99, null, null), ('c', null, null, null, '4.49', 'd-7'),"
            " ('d', 7, null, 0.000079, null, null), ('e', 7, null, null, null, null)"
            ") as t(name, whole_id, whole, cents, written, other_id)"
        )
    pipeline.run()
    assert pipeline.query(
        "select event_name, user_id, revenue::varchar from intermediate.int_events order by 1"
    ) == [
        ("a", "7", "5.000000"),
        ("b", "7", "4.990000"),
        ("c", "d-7", "4.490000"),
        ("d", "7", "0.000079"),
        ("e", "7", None),
    ]
