"""An incremental run costs what arrived; and the number of threads changes nothing.

Rows are counted by DuckDB, statement by statement. With `-s` the figures are printed.
"""

from __future__ import annotations

import random
from pathlib import Path

import duckdb
import pytest
from dbt_harness import Dbt
from meter import Meter, metered
from pipeline import INCREMENTAL_SELECTION, Pipeline, assert_equal_tables
from reference import MICROS_PER_DAY, MICROS_PER_SECOND, micros
from streams import Row, random_stream

FACTS = (
    "int_sessions",
    "int_install_clues",
    "fct_installs",
    "fct_sessions",
    "fct_user_days",
    "int_users",
    "int_daily_active_users",
    "int_daily_sessions",
    "mart_users",
)
START = micros("2024-01-01")


def history(users: int, days: int) -> list[Row]:
    """Users with a session of five events a day, landed at the midnight after it."""
    generator = random.Random(1)
    rows = []
    for user in range(users):
        for day in range(days):
            at = START + day * MICROS_PER_DAY + generator.randrange(80_000) * MICROS_PER_SECOND
            for number in range(5):
                rows.append(event(user, at + number * 60 * MICROS_PER_SECOND))
    return rows


def event(user: int, at: int, loaded_at: int | None = None) -> Row:
    """One event of a user."""
    return {
        "event_id": f"{user}-{at}",
        "app_id": "app.plain",
        "platform": "ios",
        "device_id": f"user-{user}",
        "event_name": "level",
        "event_at": at,
        "loaded_at": loaded_at or (at // MICROS_PER_DAY + 1) * MICROS_PER_DAY,
    }


def run_metered(pipeline: Pipeline, rows: list[Row]) -> Meter:
    """Load rows and count."""
    if rows:
        pipeline.add(rows)
    with metered() as meter:
        pipeline.run()
    return meter


def report(what: str, arrived: int, logged: int, meter: Meter) -> str:
    """One line of figures."""
    return (
        f"{what:34} arrived {arrived:6,}  in the log before {logged:8,}  scanned"
        f" {meter.scanned:9,}  written: log {meter.written['int_event_log']:,},"
        f" sessions {meter.written['int_sessions']:,} (-{meter.removed['int_sessions']:,}),"
        f" other facts {meter.changed(*FACTS[1:]):,}"
    )


def test_rows_written_follow_the_sessions_touched_and_not_the_history(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    lines = []
    figures: dict[int, dict[str, Meter]] = {}
    for days in (10, 100):
        pipeline = Pipeline(tmp_path / str(days), select=["+fct_user_days", "+dim_users"])
        rows = history(users=40, days=days)
        pipeline.load(rows)
        loaded_at = START + (days + 5) * MICROS_PER_DAY
        last = START + (days - 1) * MICROS_PER_DAY
        # one more event five minutes into the last session of four users; one for a new user
        last_of = {row["device_id"]: row["event_at"] for row in rows if row["event_at"] >= last}
        late = [event(n, last_of[f"user-{n}"] + 1, loaded_at) for n in range(4)]
        new = [event(1000, loaded_at - MICROS_PER_DAY, loaded_at)]
        old = [event(7, START + 86_399 * MICROS_PER_SECOND, loaded_at + 1)]
        figures[days] = {}
        for what, arrived in (
            ("an event each for five users", late + new),
            ("one event of the first day", old),
            ("nothing", []),
        ):
            logged = pipeline.count("intermediate.int_event_log")
            meter = run_metered(pipeline, arrived)
            figures[days][what] = meter
            lines.append(report(f"{days:3} days: {what}", len(arrived), logged, meter))
    with capsys.disabled():
        print("", *lines, sep="\n")

    for by_case in figures.values():
        touched = by_case["an event each for five users"]
        assert touched.written["int_event_log"] == 5
        assert touched.written["int_sessions"] == 5
        assert touched.removed["int_sessions"] == 4
        # five users: one session, one day, one user row each; an install for the new one
        assert touched.written["fct_sessions"] == 5
        assert touched.written["fct_user_days"] == 5
        assert touched.written["fct_installs"] == 1
        assert touched.written["int_users"] == 5
        nothing = by_case["nothing"]
        assert nothing.changed("int_event_log", *FACTS) == 0
        # what models make for themselves is read on all cores, and let go before the run ends
        assert touched.temporary_count > 10
        assert not touched.read_on_one_core
        assert not touched.temporary
    # ten times the history: not a row more is written
    for what, meter in figures[10].items():
        if what != "one event of the first day":  # its interval and number shift what follows
            longer = figures[100][what]
            assert meter.changed(*FACTS) == longer.changed(*FACTS), what


def write_history(path: Path, users: int, first_day: int, days: int) -> None:
    """An event a day of each user, landed at the midnight after it."""
    duckdb.sql(f"""
        copy (
            select u || '-' || d as event_id, 'app.plain' as app_id, 'ios' as platform,
                'user-' || u as device_id, 'level' as event_name,
                timestamp '2024-01-01' + interval (d * 86400 + u) second as event_at,
                timestamp '2024-01-02' + interval (d) day as loaded_at
            from range({first_day}, {first_day + days}) as days(d), range({users}) as users(u)
            order by event_at
        ) to '{path}' (header)
    """)


def test_a_run_reads_from_where_something_changed(tmp_path: Path):
    """Of a column store, that is: what is stored of earlier times is skipped."""
    users, days, loads = 4_000, 100, 4
    pipeline = Pipeline(tmp_path, select=INCREMENTAL_SELECTION)
    for load in range(loads):
        path = pipeline.events / f"history_{load}.csv"
        write_history(path, users, load * days // loads, days // loads)
        pipeline.run()

    def run(day: int, loaded_day: int) -> Meter:
        loaded_at = START + loaded_day * MICROS_PER_DAY
        at = START + day * MICROS_PER_DAY
        return run_metered(
            pipeline, [event(n, at + (n + 9_000) * MICROS_PER_SECOND, loaded_at) for n in range(50)]
        )

    recent = run(day=days - 1, loaded_day=days + 1)
    # the last load has more rows than it had
    half_known = run(day=days - 2, loaded_day=days + 1)
    old = run(day=0, loaded_day=days + 2)
    for name in ("fct_sessions", "fct_user_days", "int_daily_sessions", "int_daily_active_users"):
        assert recent.scanned_by[name] < 0.6 * old.scanned_by[name], name
    log = "int_event_log"
    assert half_known.scanned_by[log] < 1.2 * recent.scanned_by[log]
    for name in ("int_event_loads", "int_event_notes"):
        assert half_known.scanned_by[name] < 0.5 * users * days, name


def test_copies_are_looked_for_near_the_times_of_what_arrives(tmp_path: Path):
    """However late a copy comes; and where the promise of the window is broken, a test says so."""
    users, days = 4_000, 100
    pipeline = Pipeline(tmp_path, select=["+int_events"])
    write_history(pipeline.events / "history.csv", users, 0, days)
    pipeline.run()
    logged = users * days

    def arrives(day: int, number: int, shift: int = 0) -> Row:
        """A copy of an event of the history, after the last day of it."""
        at = START + day * MICROS_PER_DAY + number * MICROS_PER_SECOND
        row = event(number, at + shift * MICROS_PER_SECOND, START + 101 * MICROS_PER_DAY)
        return row | {"event_id": f"{number}-{day}"}

    def run(window: dict[str, int], rows: list[Row]) -> int:
        """Rows of the log that are read, in a run that takes rows in."""
        pipeline.dbt.vars["deduplication_window_days"] = window
        return run_metered(pipeline, rows).scanned_by["int_event_log"]

    duplicates = "event_status = 'duplicate'"
    assert run({}, [arrives(50, 1)]) > logged
    assert pipeline.count("intermediate.int_event_log", duplicates) == 1
    # the same instant, and a day less two seconds apart
    assert run({"generic": 1}, [arrives(50, 2), arrives(50, 3, 86_398)]) < 0.7 * logged
    assert pipeline.count("intermediate.int_event_log", duplicates) == 3
    assert pipeline.dbt("test", "--select", "int_events,test_type:data", check=False).success

    # two days apart, where one day was promised: not found, and not passed over in silence
    run({"generic": 1}, [arrives(99, 4, -86_398), arrives(50, 5, 2 * 86_400)])
    assert pipeline.count("intermediate.int_event_log", duplicates) == 4
    broken = pipeline.dbt("test", "--select", "int_events,test_type:data", check=False)
    assert not broken.success and "unique_where_hash_repeats" in str(broken)
    # a build from nothing needs no promise
    pipeline.run("--full-refresh")
    assert pipeline.count("intermediate.int_event_log", duplicates) == 5


def test_what_a_file_replaces_is_looked_for_once(tmp_path: Path):
    """A file that has changed: the log is not asked twice for its ids."""
    pipeline = Pipeline(tmp_path, select=["+int_events"])
    rows = history(users=5, days=2)
    pipeline.add(rows, "changes.csv")
    pipeline.run()
    pipeline.add(rows[1:], "changes.csv")
    meter = run_metered(pipeline, [])
    assert pipeline.count("intermediate.int_event_log") == len(rows) - 1
    assert meter.temporary_count > 3 and not meter.made_twice


def test_the_number_of_threads_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    rows = [row for seed in range(7000, 7080) for row in random_stream(seed)]
    builds = []
    for threads in (1, 4):
        pipeline = Pipeline(tmp_path / str(threads))
        pipeline.add(rows)
        pipeline.run("--threads", str(threads), "--full-refresh")
        builds.append(pipeline)
    assert_equal_tables(*builds)
    # rows in another order, in two files: only their names differ
    shuffled = Pipeline(tmp_path / "shuffled")
    random.Random(0).shuffle(rows)
    shuffled.add(rows[: len(rows) // 3])
    shuffled.add(rows[len(rows) // 3 :])
    shuffled.run()
    assert_equal_tables(builds[0], shuffled, without=["file_name"])


def test_no_model_compares_every_row_with_every_row(built: Dbt):
    """A nested loop over a join's sides: fine on the sample, hours on a month of an app."""
    only_models = ("--select", "resource_type:model", "--indirect-selection", "empty")
    result = built("compile", "--full-refresh", *only_models)
    plans = {}
    for node in (found.node for found in result.output.results):
        (_, plan), *_ = built.query(f"explain {node.compiled_code}")
        plans[node.name] = plan
    assert len(plans) > 40
    loops = {name for name, plan in plans.items() if "_NL_JOIN" in plan or "NESTED_LOOP" in plan}
    # Their other side is one row, or one for each of ten as-of dates, of six weeks or of a user's
    # three milestones (int_cohort_days). DuckDB takes
    # another join for some of them when a machine's threads let it expect other numbers of rows.
    few_as_of_dates = {"dim_dates", "int_churn_points", "int_churn_cells", "int_churn_rates"}
    few_others = {"int_cohort_days", "int_ltv_monetization", "int_ltv_choices"}
    assert loops <= few_as_of_dates | few_others
