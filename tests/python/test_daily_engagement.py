"""Who is active, new, back, gone, and what do they do: `mart_daily_engagement` and
`mart_session_paths` against plain Python, reference.py."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median

import reference
from pipeline import Pipeline, accepted_rows, assert_equal_tables, deduplicated, table_rows
from reference import micros
from streams import random_stream, stream_config, write_generic_csv

MEASURES = ("dau", "wau", "mau", "new", "returning", "resurrected", "churned")


def on(day: int, user: int, is_active: bool = True) -> dict:
    """A user's day in January 2024."""
    return {
        "app_id": "a",
        "platform": "ios",
        "user_key": user,
        "activity_date": date(2024, 1, day),
        "is_active": is_active,
    }


def test_the_reference_by_hand():
    """Three silent dates are churn. User 1: the 1st, 4th (two silent dates) and 9th (four). User 2:
    the 1st only. A refund on the 10th makes nobody active."""
    days = [on(1, 1), on(4, 1), on(9, 1), on(1, 2), on(10, 2, is_active=False)]
    found = {
        row["activity_date"].day: [row[name] for name in MEASURES]
        for row in reference.daily_users(days, churn_days=3)
    }
    assert found == {
        1: [2, None, None, 2, 0, 0, 0],
        2: [0, None, None, 0, 0, 0, 0],
        3: [0, None, None, 0, 0, 0, 0],
        4: [1, None, None, 0, 1, 0, 1],
        5: [0, None, None, 0, 0, 0, 0],
        6: [0, None, None, 0, 0, 0, 0],
        7: [0, 2, None, 0, 0, 0, 1],
        8: [0, 1, None, 0, 0, 0, 0],
        9: [1, 1, None, 0, 0, 1, 0],
        10: [0, 1, None, 0, 0, 0, 0],
    }


def test_the_reference_of_paths_by_hand():
    """Three silent dates are churn. The user opens on Monday the 1st, again on Wednesday the 3rd,
    and on Friday of the week after; taps twice at once, and once more after a purchase."""

    def event(at: str, name: str) -> dict:
        row = {"provider": "generic", "app_id": "a", "platform": "ios", "device_id": "u"}
        at_us = micros(f"2024-01-{at}")
        return row | {"event_name": name, "event_at": at_us, "loaded_at": micros("2024-02-01")}

    events = reference.deduplicate(
        [
            event("01 10:00:00", "tap"),
            event("01 10:00:00", "app_open"),
            event("01 10:00:09", "tap"),
            event("01 10:00:10", "purchase"),
            event("01 10:00:12", "tap"),
            event("03 10:00:00", "app_open"),
            event("12 10:00:00", "app_open"),
        ],
        reference.Config(),
    ).accepted
    found = reference.session_paths(
        events, micros("2024-01-15"), churn_days=3, late_days=0, steps=2, names=2
    )
    weeks = {1: date(2024, 1, 1), 8: date(2024, 1, 8)}
    rows = {
        (1, "first_session", "returned", 1, "app_open", "tap"): [0],
        (1, "first_session", "returned", 2, "tap", "(other)"): [10],
        (1, "last_session", "churned", -1, "app_open", "(end)"): [None],
        (8, "last_session", "not yet known", -1, "app_open", "(end)"): [None],
    }
    assert found == {
        ("a", "ios", weeks[first], *rest, True): waits for (first, *rest), waits in rows.items()
    }


def paths(pipeline: Pipeline) -> dict[tuple, tuple]:
    """`mart_session_paths` by its key, and whether the week is complete."""
    rows = pipeline.query(
        "select app_id, platform, week_start_date, path_kind, outcome, step, event_name,"
        " next_event_name, is_complete, session_count, total_seconds_to_next,"
        " median_seconds_to_next from marts.mart_session_paths"
    )
    return {row[:9]: row[9:] for row in rows}


def wanted_paths(pipeline: Pipeline, rows: list[dict], as_of: str) -> dict[tuple, tuple]:
    """The same, of the reference."""
    config = stream_config()
    accepted = deduplicated(rows, config, accepted_rows(pipeline)).accepted
    cells = reference.session_paths(accepted, micros(as_of), config, churn_days=3)
    wanted = {}
    for key, waits in cells.items():
        known = [wait for wait in waits if wait is not None]
        middle = float(median(known)) if known else None
        wanted[key] = (len(waits), sum(known) if known else None, middle)
    return wanted


def test_users_and_paths_are_those_of_the_reference_load_by_load(tmp_path: Path):
    generator = random.Random(8)
    rows = [row for seed in range(8000, 8080) for row in random_stream(seed)]
    for row in rows:
        if row["event_name"] == "screen_view":
            row["event_name"] = f"screen_{int(40 * generator.random() ** 2)}"
    generator.shuffle(rows)
    as_of = "2024-05-01"
    pipeline = Pipeline(
        tmp_path,
        vars={"churn_days": 3, "load_lookback_days": 5000, "as_of": as_of},
        select=["+mart_daily_engagement", "+mart_session_paths"],
    )
    totals = dict.fromkeys(MEASURES, 0)
    for part, seen in ((rows[::2], rows[::2]), (rows[1::2], rows)):
        pipeline.load(part)
        assert paths(pipeline) == wanted_paths(pipeline, seen, as_of)
        wanted = {
            (row["app_id"], row["platform"], row["activity_date"]): tuple(
                row[name] for name in MEASURES
            )
            for row in reference.daily_users(table_rows(pipeline, "fct_user_days"), churn_days=3)
        }
        found = {
            row[:3]: row[3:]
            for row in pipeline.query(
                "select app_id, platform, activity_date, dau, wau, mau, new_users, returning_users,"
                " resurrected_users, churned_users from marts.mart_daily_engagement"
            )
        }
        assert found == wanted
        for counts in wanted.values():
            for name, count in zip(MEASURES, counts, strict=True):
                totals[name] += count or 0
    assert min(totals.values()) > 20, totals
    kinds = Counter((key[3], key[4]) for key in paths(pipeline))
    assert len(kinds) == 6 and min(kinds.values()) > 10, kinds
    assert sum("(other)" in key for key in paths(pipeline)) > 20
    # who left after a session is who has churned, known in two ways
    left = pipeline.query(
        "select app_id, platform, week_start_date, sum(session_count) from marts.mart_session_paths"
        " where path_kind = 'last_session' and step = -1 and outcome = 'churned' group by all"
    )
    churned = pipeline.query(
        "select app_id, platform, date_trunc('week', activity_date - 3)::date, sum(churned_users)"
        " from marts.mart_daily_engagement group by all"
    )
    assert len(left) > 20 and set(left) <= set(churned)
    assert_equal_tables(pipeline, pipeline.rebuilt())


def test_weeks_of_paths_that_can_differ_are_built_anew(tmp_path: Path):
    """Churn is three dates, and a date is complete three days later. What changes in a past week:
    its outcome becomes known, without events of its own; a late session brings a user back, and
    goes; a name becomes one of the 20 commonest; the newest load goes, and the week is unknown."""

    def at(user: str, time: str, *names: str, loaded: str) -> list[dict]:
        row = dict.fromkeys(reference.EVENT_COLUMNS)
        row |= {"provider": "generic", "app_id": "app.plain", "platform": "ios", "device_id": user}
        row["loaded_at"] = micros(f"2024-{loaded}")
        times = [micros(f"2024-{time}") + place * 1_200_000_000 for place in range(len(names))]
        return [
            row | {"event_id": f"{user}{at}", "event_name": name, "event_at": at}
            for at, name in zip(times, names, strict=True)
        ]

    names = [f"name_{n:02}" for n in range(20)]
    # users a and b end in the week of 1 January; d opens on its Sunday and ends on Monday the 8th
    history = at("a", "01-03 10:00", "open", "rare", loaded="01-08")
    history += at("b", "01-04 10:00", *["open", "tap"] * 2, loaded="01-08")
    history += at("c", "01-05", *names, *names, loaded="01-08")
    history += at("d", "01-07 23:30", *["open", "tap"] * 2, loaded="01-08")
    returns = at("a", "01-06 10:00", "open", loaded="01-16")
    often = [row for n in range(9) for row in at(f"e{n}", "01-12", "rare", loaded="01-16 01:00")]
    files: dict[str, list[dict]] = {}
    pipeline = Pipeline(
        tmp_path,
        vars={"churn_days": 3, "load_lookback_days": 5000},
        select=["+mart_session_paths"],
    )
    week = date(2024, 1, 1)

    def deliver(name: str, rows: list[dict]) -> dict[tuple, int]:
        """Sessions of the week, by kind, outcome, step and event, after one more file."""
        files[name] = rows
        pipeline.deliver([(f"{name}.csv", rows)])
        pipeline.run()
        seen = [row for each in files.values() for row in each]
        newest = max(row["loaded_at"] for row in seen)
        as_of = str(datetime.fromtimestamp(newest // 1_000_000, UTC))[:19]
        found = paths(pipeline)
        assert found == wanted_paths(pipeline, seen, as_of)
        counts: Counter = Counter()
        for key, measures in found.items():
            if key[2] == week:
                counts[(*key[3:6], key[6])] += measures[0]
        return counts

    first, last = ("first_session",), ("last_session",)
    counts = deliver("history", history)
    assert counts[(*first, "not yet known", 1, "open")] == 3
    # complete until the 10th: three dates after the 7th; what follows the 8th is not known
    counts = deliver("tenth", at("f", "01-14", "open", loaded="01-14"))
    assert counts[(*first, "churned", 1, "open")] == 2
    assert counts[(*first, "not yet known", 1, "open")] == 1
    counts = deliver("eleventh", at("f", "01-15", "open", loaded="01-15"))
    assert counts[(*first, "churned", 1, "open")] == 3
    counts = deliver("returns", returns)
    assert counts[(*first, "returned", 1, "open")] == 1
    assert counts[(*first, "returned", 2, "(other)")] == 1
    counts = deliver("often", often)
    assert counts[(*first, "returned", 2, "rare")] == 1
    counts = deliver("returns", [])
    assert counts[(*last, "churned", -1, "rare")] == 1
    for name in ("often", "eleventh", "tenth"):
        counts = deliver(name, [])
    assert counts[(*first, "not yet known", 1, "open")] == 3
    assert_equal_tables(pipeline, pipeline.rebuilt(raw=pipeline.kept))


def test_dates_end_with_the_last_activity_when_a_wrong_file_is_emptied(tmp_path: Path):
    """Nobody was active for months before what the wrong file said; spend went on."""
    pipeline = Pipeline(tmp_path, select=["+int_daily_active_users"])
    spend = pipeline.raw / "ad_spend"
    spend.mkdir()
    spend.joinpath("spend.csv").write_text(
        "spend_date,app_id,spend,updated_at\n2024-05-20,app.plain,5,2024-05-21\n"
    )

    def event(at: str) -> dict:
        row = {"provider": "generic", "app_id": "app.plain", "platform": "ios", "device_id": at}
        row |= {"event_name": "app_open", "event_at": micros(at)}
        return row | {"loaded_at": micros("2024-05-21")}

    pipeline.add([event("2024-01-08"), event("2024-01-09")])
    pipeline.load([event("2024-05-10")])
    assert pipeline.count("intermediate.int_daily_active_users") == 124
    write_generic_csv([], pipeline.events / "load_002.csv")
    pipeline.run()
    assert pipeline.count("intermediate.int_daily_active_users") == 2
