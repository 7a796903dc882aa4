"""`mart_session_trends`: what is worked out by hand, what the rule in plain Python gives
(ops/bench/trends.py), and on made-up series drops that are found and calm that is kept."""

from __future__ import annotations

import random
import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from compiled_models import compiled
from dbt_harness import PROJECT_DIR, Dbt

sys.path.insert(0, str(PROJECT_DIR / "ops" / "bench"))
import trends

MONDAY = date(2024, 1, 1)
COLUMNS = "session_count, expected_session_count, deviation_rate, trend, is_new_alert"


@pytest.fixture(scope="module")
def rule(built: Dbt) -> str:
    """The mart's SQL, as dbt compiles it."""
    models = {"mart_session_trends": "marts"}
    return compiled(built, models, "int_session_series")["marts.mart_session_trends"]


def of_sql(
    folder: Path, rule: str, series: dict[str, list[int]], complete: int = 10_000
) -> dict[str, list[tuple]]:
    """What the mart says of series of sessions, each from a Monday on."""
    rows = [
        [name, day % 7, count, day < complete, MONDAY + timedelta(days=day)]
        for name, counts in series.items()
        for day, count in enumerate(counts)
    ]
    # the SQL names the database, which is named after its file
    with duckdb.connect(str(folder / "app_sessions.duckdb")) as connection:
        connection.execute("""
            create schema intermediate;
            create table counts (
                country varchar, weekday_number bigint, session_count bigint, is_complete boolean,
                session_date date
            );
            create view intermediate.int_session_series as
            select
                'a' as app_id, 'ios' as platform, 'country' as series_level, '(all)' as channel,
                dense_rank() over (order by country) as series_number, *
            from counts
        """)
        connection.executemany("insert into counts values (?, ?, ?, ?, ?)", rows)
        found = connection.execute(f"select country, {COLUMNS} from ({rule}) order by session_date")
        by_series: dict[str, list[tuple]] = {name: [] for name in series}
        for name, *values in found.fetchall():
            by_series[name].append(tuple(values))
    return by_series


def test_a_drop_by_hand(tmp_path: Path, rule: str):
    """100 sessions every day: 100 are expected, and chance makes a spread of 10 %: a range from
    69 to 140. 70 on one day is within it; of two with 75 the second is (-2.5 - 2.5) / sqrt(2) =
    -3.5 spreads off, one with 60 is -4. The day after is as before."""
    usual = [100] * 49
    trend = {
        name: [row[3] for row in rows[48:]]
        for name, rows in of_sql(
            tmp_path,
            rule,
            {
                "calm": [*usual, 100, 100],
                "just in": [*usual, 70, 100],
                "out": [*usual, 60, 60, 100],
                "two days": [*usual, 75, 75],
                "high": [*usual, 139, 100],
                "too high": [*usual, 141, 100],
                "rare": [9] * 49 + [0, 0],
                "silent": [0] * 49 + [0, 0],
                "large": [10**6] * 49 + [910_000, 890_000],
            },
        ).items()
    }
    young, fine, few = "too little history", "as expected", "too few sessions"
    assert trend == {
        "calm": [young, fine, fine],
        "just in": [young, fine, fine],
        "out": [young, "drop", "drop", fine],
        "two days": [young, fine, "drop"],
        "high": [young, fine, fine],
        "too high": [young, "rise", fine],
        "rare": [young, few, few],
        "silent": [young, few, few],
        # 9 % is far outside of the range, and not material
        "large": [young, fine, "drop"],
    }


def test_growth_and_the_week_are_expected_by_hand(tmp_path: Path, rule: str):
    """Sundays have twice the sessions, every week a tenth more than the one before. Mondays
    have 1000, 1100, 1210, 1331, 1464. The fifth has four before it, and no week of which it is
    known how it compared. Of the five before the sixth three count: 1100, 1210, 1331; the week
    before had 1464 for the mean of 1100 and 1210, 1155."""
    weeks = [round(1000 * 1.1**week) for week in range(12)]
    counts = [count * (2 if day == 6 else 1) for count in weeks for day in range(7)]
    (rows,) = of_sql(tmp_path, rule, {"growing": counts}).values()
    assert all(row[1] is None for row in rows[:35])
    assert rows[35][1] == pytest.approx((1100 + 1210 + 1331) / 3 * 1464 / 1155, rel=1e-5)
    assert {row[3] for row in rows[49:]} == {"as expected"}
    # growth that slows as the window fills up to eight weeks is not a drop
    assert max(abs(row[2]) for row in rows[70:]) < 0.05


def test_a_day_that_is_not_complete_is_not_judged(tmp_path: Path, rule: str):
    (rows,) = of_sql(tmp_path, rule, {"late": [100] * 49 + [50, 50]}, complete=50).values()
    assert [row[2:] for row in rows[49:]] == [(-0.5, "drop", True), (None, "not complete", False)]


def test_an_alert_that_lasts_is_new_once(tmp_path: Path, rule: str):
    (rows,) = of_sql(tmp_path, rule, {"gone": [400] * 60 + [200] * 20}).values()
    alerts = [day for day, row in enumerate(rows) if row[3] == "drop"]
    assert alerts == list(range(60, 60 + len(alerts)))
    assert [day for day, row in enumerate(rows) if row[4]] == [60]
    # after a week the new level is what is expected
    assert 3 <= len(alerts) <= 7 and rows[-1][3] == "as expected"


def test_the_sql_is_the_rule_in_plain_python(tmp_path: Path, rule: str):
    generator = random.Random(5)
    series = {}
    for number, level in enumerate((0.4, 3, 12, 40, 150, 1000, 1000, 20000)):
        around = list(trends.means(generator, level, 300, 0.03, 0.01))
        counts = [trends.sessions(generator, mean) for mean in around]
        # incidents, silence, and a start late in the week
        for day in generator.sample(range(60, 290), 8):
            counts[day] = round(counts[day] * generator.choice([0, 0.6, 0.8, 1.5, 4]))
        if number % 2:
            counts[200:215] = [0] * 15
        series[f"{number}"] = counts
    found = of_sql(tmp_path, rule, series, complete=297)
    words: dict[str, int] = {}
    for name, counts in series.items():
        days = trends.judged(counts, complete=297)
        for day, (mine, theirs) in enumerate(zip(days, found[name], strict=True)):
            where = f"series {name}, day {day}"
            words[mine.trend] = words.get(mine.trend, 0) + 1
            assert theirs[0] == counts[day]
            assert theirs[3] == mine.trend, where
            deviation = mine.deviation if day < 297 else None
            for sql, plain in ((theirs[1], mine.expected), (theirs[2], deviation)):
                assert (sql is None) == (plain is None), where
                assert sql is None or sql == pytest.approx(plain, rel=1e-4, abs=1e-4), where
    assert min(words[trend] for trend in ("drop", "rise", "too few sessions")) >= 10, words


def test_drops_are_found_and_calm_series_stay_calm():
    """The promise of docs/metrics.md, on fewer series than it was measured on."""
    found = trends.measured(1000, noise=0.02, walk=0.005, series=40, seed=17)
    assert found["false"] <= 1
    assert found[0.2] >= 0.85
    assert found[0.4] == 1
    assert found[0.05] <= 0.1
