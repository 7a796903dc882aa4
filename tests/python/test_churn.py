"""Churn risk: the SQL against plain Python that shares nothing with it, on the sample and on
made-up users; and a look for leakage: what was predicted of a date does not change when all that
came after it is deleted."""

from __future__ import annotations

import math
import random
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest
from compiled_models import compiled, made_database, make
from dbt_harness import Dbt

MODELS = {
    "int_churn_cells": "intermediate",
    "int_churn_rates": "intermediate",
    "mart_churn_risk": "marts",
    "mart_churn_reliability": "marts",
}
# what the models read, and no more of it
TABLES = """
    create table core.fct_user_days (
        app_id varchar, platform varchar, user_key bigint, activity_date date, session_count bigint
    );
    create table core.fct_ad_spend (
        provider varchar, app_id varchar, updated_at timestamp, loaded_at timestamp,
        spend_date date
    );
"""
READ = """
    create table intermediate.int_users as
    select
        app_id, platform, user_key, count(*) as session_count,
        min(activity_date)::timestamp as first_seen_at
    from core.fct_user_days group by all;
    create table core.fct_installs as
    select user_key, 'p' as provider, app_id, platform from intermediate.int_users;
"""
# `late_days` is 3, so that 30 June is the last complete date
COMPLETE_UNTIL = date(2025, 6, 30)
STEPS = {14: 1, 30: 2}
User = tuple[str, str, int]
Cell = tuple[int, int, int]


def made_users(seed: int) -> dict[User, list[date]]:
    """Users of two apps over 200 days, who come at their own pace until they leave."""
    generator = random.Random(seed)
    users: dict[User, list[date]] = {}
    for number in range(1500):
        app, platform = ("a", "ios") if number % 3 else ("b", generator.choice(("ios", "web")))
        first = COMPLETE_UNTIL - timedelta(days=generator.randint(-3, 200))
        chance, leaves = generator.betavariate(0.8, 2), generator.betavariate(0.7, 6)
        dates, day = [first], first
        while generator.random() > leaves and day < COMPLETE_UNTIL + timedelta(days=3):
            day += timedelta(days=1)
            if generator.random() < chance:
                dates.append(day)
        users[(app, platform, number)] = dates
    return users


# ---------------------------------------------------------------------------------- reference


def lower(value: int, ends: tuple[int, ...]) -> int:
    """The greatest end that is not above a value."""
    return ends[bisect_right(ends, value) - 1]


def cell_of(dates: list[date], as_of: date) -> Cell | None:
    """How a user looks on a date; nothing if there was no session in 90 days."""
    seen = [d for d in dates if as_of - timedelta(days=89) <= d <= as_of]
    if not seen:
        return None
    interval = 0
    if len(seen) > 1:
        mean = (seen[-1] - seen[0]).days / (len(seen) - 1)
        interval = next((int(end * 10) for end in (1.3, 2, 3.5, 7, 14, 28, 56) if mean <= end), 900)
    return (
        lower((as_of - seen[-1]).days, (*range(15), 18, 21, 30, 45, 60)),
        interval,
        lower((as_of - seen[0]).days, (0, 1, 2, 4, 7, 14, 28, 56)),
    )


def stays_away(dates: list[date], as_of: date, horizon: int) -> bool:
    """Whether no session starts in the days after a date."""
    place = bisect_right(dates, as_of)
    return place == len(dates) or (dates[place] - as_of).days > horizon


class Learnt:
    """What is learnt of an app as of a date, from dates whose outcome was known on it."""

    def __init__(
        self,
        users: dict[User, list[date]],
        complete: dict[tuple[str, str], date],
        app: str,
        horizon: int,
        number: int,
    ):
        self.users: Counter = Counter()
        self.churned: Counter = Counter()
        for (of, platform, _), dates in users.items():
            if of != app or (of, platform) not in complete:
                continue
            for step in range(number + STEPS[horizon], number + STEPS[horizon] + 6):
                as_of = complete[(of, platform)] - timedelta(days=15 * step)
                cell = cell_of(dates, as_of)
                if cell:
                    key = (*cell, platform)
                    for length in range(5):
                        self.users[key[:length]] += 1
                        self.churned[key[:length]] += stays_away(dates, as_of, horizon)

    def probability(self, cell: Cell, platform: str, depth: int = 4) -> float:
        """The share that stayed away, of users ever more alike."""
        rate = self.churned[()] / self.users[()]
        for length in range(1, depth + 1):
            key = (*cell, platform)[:length]
            rate = (self.churned[key] + 20 * rate) / (self.users[key] + 20)
        return rate


def check(
    users: dict[User, list[date]],
    complete: dict[tuple[str, str], date],
    risk: dict[int, tuple],
    reliability: dict[tuple, tuple],
) -> Counter:
    """Compare the marts with plain Python; says which reasons were met."""
    reasons: Counter = Counter()
    expected: dict[tuple, list[float]] = defaultdict(lambda: [0] * 5)
    apps = {app for app, _ in complete}
    for place, (horizon, steps) in enumerate(STEPS.items()):
        now, then = (
            {app: Learnt(users, complete, app, horizon, number) for app in apps}
            for number in (0, steps)
        )
        for (app, platform, key), dates in users.items():
            if (app, platform) not in complete:
                assert risk[key][2 + place] == "no_complete_date"
                continue
            cell = cell_of(dates, complete[(app, platform)])
            probability, reason = risk[key][place], risk[key][2 + place]
            reasons[reason] += 1
            if cell is None:
                late = dates[0] > complete[(app, platform)]
                assert reason == ("seen_after_as_of_date" if late else "silent_for_90_days")
            elif now[app].users[()] < 100:
                assert reason == ("too_few_users" if now[app].users[()] else "no_known_outcome")
            else:
                assert reason is None
                assert probability == pytest.approx(now[app].probability(cell, platform), abs=2e-9)
            as_of = complete[(app, platform)] - timedelta(days=15 * steps)
            cell = cell_of(dates, as_of)
            if cell and then[app].users[()] >= 100:
                probability = round(then[app].probability(cell, platform), 9)
                by_recency = then[app].probability(cell, platform, depth=1)
                away = stays_away(dates, as_of, horizon)
                row = expected[(app, platform, horizon, min(int(probability * 10) + 1, 10))]
                row[0] += 1
                row[1] += away
                row[2] += probability
                row[3] -= math.log(probability if away else 1 - probability)
                row[4] -= math.log(by_recency if away else 1 - by_recency)
    assert reliability.keys() == expected.keys()
    for key, values in expected.items():
        assert [float(value) for value in reliability[key]] == pytest.approx(values, abs=1e-5), key
    return reasons


RISK = """
    select user_key, churn_probability_14d, churn_probability_30d, null_reason_14d, null_reason_30d
    from marts.mart_churn_risk
"""
RELIABILITY = """
    select
        app_id, platform, horizon_days, probability_bin, user_count, churned_user_count,
        expected_churned_user_count, total_log_loss, total_recency_log_loss
    from marts.mart_churn_reliability
"""


@pytest.fixture(scope="module")
def churn(built: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """The models on some users: a function of them that gives a connection."""
    sql = compiled(built, MODELS)

    @contextmanager
    def run(users: dict[User, list[date]], until: date) -> Iterator[duckdb.DuckDBPyConnection]:
        with made_database(tmp_path_factory.mktemp("churn"), TABLES) as connection:
            connection.execute(
                "insert into intermediate.int_event_loads values ('p', 'accepted', ?)",
                [datetime(until.year, until.month, until.day) + timedelta(days=4)],
            )
            values = ", ".join(
                f"('{app}', '{platform}', {number}, date '{day}', 1)"
                for (app, platform, number), dates in users.items()
                for day in dates
            )
            connection.execute(f"insert into core.fct_user_days values {values}")
            connection.execute(READ)
            make(connection, sql)
            yield connection

    return run


def test_the_sql_is_the_rule_in_plain_python(churn: Callable[..., Any]):
    users = made_users(1)
    complete = {(app, platform): COMPLETE_UNTIL for app, platform, _ in users}
    with churn(users, COMPLETE_UNTIL) as connection:
        risk = {key: tuple(row) for key, *row in connection.execute(RISK).fetchall()}
        rows = connection.execute(RELIABILITY).fetchall()
    reliability = {tuple(row[:4]): row[4:] for row in rows}
    assert len(risk) == len(users) and len({key[2] for key in reliability}) == 2
    reasons = check(users, complete, risk, reliability)
    assert min(reasons[why] for why in (None, "silent_for_90_days", "seen_after_as_of_date")) > 10
    # better than by recency alone
    assert float(sum(row[-2] for row in rows)) < 0.95 * float(sum(row[-1] for row in rows))


def test_the_sample_is_the_rule_in_plain_python(built: Dbt):
    users: dict[User, list[date]] = defaultdict(list)
    for app, platform, key, day in built.query(
        "select distinct app_id, platform, user_key, session_date from core.fct_sessions order by 4"
    ):
        users[(app, platform, key)].append(day)
    complete = {
        (app, platform): day
        for app, platform, day in built.query(
            "select app_id, platform, max(activity_date) filter (where is_complete)"
            " from marts.mart_daily_engagement group by all"
        )
        if day
    }
    risk = {key: tuple(row) for key, *row in built.query(RISK)}
    assert len(risk) == built.query("select count(*) from core.dim_users")[0][0]
    reliability = {tuple(row[:4]): row[4:] for row in built.query(RELIABILITY)}
    assert len(reliability) > 5
    reasons = check(users, complete, risk, reliability)
    assert reasons[None] > 1000 and reasons["too_few_users"] > 10, reasons


def test_predictions_of_a_date_do_not_change_when_what_is_later_is_deleted(
    churn: Callable[..., Any],
):
    users = made_users(2)
    sql = """
        select app_id, platform, recency_bin, interval_bin, age_bin, user_count,
            training_user_count, churn_probability, recency_churn_probability
        from intermediate.int_churn_rates
        where as_of_number = {} and horizon_days = {} order by all
    """
    with churn(users, COMPLETE_UNTIL) as connection:
        known = {
            horizon: connection.execute(sql.format(steps, horizon)).fetchall()
            for horizon, steps in STEPS.items()
        }
    for horizon, steps in STEPS.items():
        as_of = COMPLETE_UNTIL - timedelta(days=15 * steps)
        earlier = {
            user: dates[: bisect_left(dates, as_of + timedelta(days=1))]
            for user, dates in users.items()
            if dates[0] <= as_of
        }
        assert sum(map(len, earlier.values())) < 0.97 * sum(map(len, users.values()))
        with churn(earlier, as_of) as connection:
            found = connection.execute(sql.format(0, horizon)).fetchall()
        assert found == known[horizon] and len(found) > 50
