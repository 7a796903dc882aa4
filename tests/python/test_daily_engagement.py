"""Who is active, new, back, gone: `mart_daily_engagement` against plain Python, reference.py."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import reference
from pipeline import Pipeline, assert_equal_tables, table_rows
from streams import random_stream

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


def test_users_of_each_day_are_those_of_the_reference_load_by_load(tmp_path: Path):
    generator = random.Random(8)
    rows = [row for seed in range(8000, 8080) for row in random_stream(seed)]
    generator.shuffle(rows)
    pipeline = Pipeline(
        tmp_path,
        vars={"churn_days": 3, "load_lookback_days": 5000},
        select=["+mart_daily_engagement"],
    )
    totals = dict.fromkeys(MEASURES, 0)
    for part in (rows[::2], rows[1::2]):
        pipeline.load(part)
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
    assert_equal_tables(pipeline, pipeline.rebuilt())
