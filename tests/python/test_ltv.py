"""Predicted LTV: the SQL on random cohorts against plain Python that shares nothing with it, and a
look for leakage: predictions of a date do not change when all that came after it is deleted."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from compiled_models import compiled, made_database, make
from dbt_harness import Dbt
from pipeline import Pipeline
from reference import micros

MODELS = {
    "int_ltv_points": "intermediate",
    "int_ltv_curves": "intermediate",
    "int_ltv_estimates": "intermediate",
    "int_ltv_errors": "intermediate",
    "int_ltv_intervals": "intermediate",
    "int_ltv_choices": "intermediate",
    "mart_ltv_backtest": "marts",
    "mart_ltv_predictions": "marts",
}
# what the models read, and no more of it; one install stands for a cohort
TABLES = """
    create table core.fct_installs (
        user_key bigint, provider varchar, app_id varchar, platform varchar, campaign_id varchar,
        channel varchar, country varchar, install_date date, installed_at timestamp,
        is_install_inferred boolean, is_reinstall boolean
    );
    create table core.dim_campaigns (
        app_id varchar, platform varchar, campaign_id varchar, campaign_group_id varchar,
        channel varchar, is_organic boolean, is_default_channel boolean
    );
    create table core.dim_dates (date_day date, reporting_units_per_usd decimal(18, 8));
    create table core.fct_ad_spend (
        provider varchar, app_id varchar, platform varchar, channel varchar, campaign_id varchar,
        spend_date date, spend_usd decimal(28, 6), spend decimal(28, 6), currency varchar,
        impressions bigint, clicks bigint,
        reported_installs bigint, updated_at timestamp, loaded_at timestamp
    );
    create table intermediate.int_cohort_days (
        app_id varchar, platform varchar, channel varchar, campaign_id varchar, install_date date,
        is_install_inferred boolean, day_n bigint, active_users bigint, session_count bigint,
        ad_revenue decimal(38, 17), iap_revenue decimal(38, 14), new_revenue_users bigint
    );
    create table marts.mart_campaigns_daily (
        app_id varchar, platform varchar, channel varchar, campaign_id varchar, campaign_date date,
        spend decimal(28, 6), is_complete boolean
    );
"""
COHORT = ("app_id", "platform", "channel", "campaign_id", "install_date")
# `late_days` is 3, so that 30 June is the last complete date
LOADED_AT = datetime(2025, 7, 4)
COMPLETE_UNTIL = date(2025, 6, 30)
HORIZONS = [7, 14, 30, 60, 90, 180, 365]
AGES = [
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    9,
    11,
    14,
    17,
    21,
    25,
    30,
    37,
    45,
    52,
    60,
    75,
    90,
    105,
    120,
    150,
    180,
    225,
    270,
    315,
    365,
]
SCORED = [0, 3, 7, 14, 30, 90]
METHODS = ["chain_ladder", "session_curve", "power_law", "last_cohort", "app_average"]
Cohort = tuple[str, str, str, str, date]
# active users, sessions, revenue, users with revenue for the first time
Days = dict[int, tuple[int, int, float, int]]


def made_cohorts(seed: int) -> dict[Cohort, Days]:
    """Random cohorts of half a year.

    Some campaigns begin late, some have no revenue on day 0, some days are refunded.
    """
    generator = random.Random(seed)
    found: dict[Cohort, Days] = {}
    for app, channel, campaign, begins, every in (
        ("a", "x", "1", 0, 2),
        ("a", "x", "2", 60, 3),
        ("a", "y", "3", 0, 5),
        ("a", "z", "4", 175, 1),
        ("b", "x", "1", 10, 9),
        ("c", "y", "5", 120, 2),
    ):
        for offset in range(begins, 181, every):
            installed = date(2025, 1, 1) + timedelta(days=offset)
            users = generator.choice((0, 4, 8, 12)) if app == "b" else generator.randint(40, 160)
            days: Days = {}
            for day_n in range((COMPLETE_UNTIL - installed).days + 1):
                active = (
                    round(users * 0.6 * (day_n + 1) ** -0.6 * generator.uniform(0.5, 1.4))
                    if day_n
                    else users
                )
                if active or generator.random() < 0.05:
                    revenue = (
                        0
                        if app == "c" and day_n == 0
                        else round(active * generator.uniform(0, 0.2), 4)
                    )
                    if app == "b" and generator.random() < 0.05:
                        revenue = -0.5
                    first = (
                        round(users * 0.5) if day_n == 0 and app != "c" else generator.randint(0, 1)
                    )
                    days[day_n] = (active, active + generator.randint(0, 9), revenue, first)
            if days:
                found[(app, "ios", channel, campaign, installed)] = days
    return found


@pytest.fixture(scope="module")
def sql(built: Dbt) -> dict[str, str]:
    """The models' SQL, and that of one that is no table."""
    return compiled(built, {**MODELS, "int_ltv_monetization": "intermediate"})


@pytest.fixture(scope="module")
def ltv(sql: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """The models on some cohorts: a function of them that gives a connection."""

    @contextmanager
    def run(cohorts: dict[Cohort, Days]) -> Iterator[duckdb.DuckDBPyConnection]:
        with made_database(tmp_path_factory.mktemp("ltv"), TABLES) as connection:
            connection.execute(
                "insert into intermediate.int_event_loads values ('p', 'accepted', ?)", [LOADED_AT]
            )
            values = ", ".join(
                f"({', '.join(map(repr, cohort[:4]))}, date '{cohort[4]}', false, {day_n},"
                f" {active}, {sessions}, {revenue}, 0, {first})"
                for cohort, days in cohorts.items()
                for day_n, (active, sessions, revenue, first) in days.items()
            )
            connection.execute(f"insert into intermediate.int_cohort_days values {values}")
            connection.execute("""
                insert into core.fct_installs
                select
                    row_number() over (), 'p', app_id, platform, campaign_id, channel, null,
                    install_date, install_date, false, false
                from (
                    select distinct app_id, platform, channel, campaign_id, install_date
                    from intermediate.int_cohort_days
                );
                insert into core.dim_campaigns
                select distinct
                    app_id, platform, campaign_id, campaign_id, channel, false, true
                from core.fct_installs;
                insert into marts.mart_campaigns_daily
                select app_id, platform, channel, campaign_id, install_date, 40, true
                from core.fct_installs;
            """)
            make(
                connection,
                {f"{schema}.{name}": sql[f"{schema}.{name}"] for name, schema in MODELS.items()},
            )
            yield connection

    return run


# ---------------------------------------------------------------------------------- reference


def step_of(reached: date) -> int:
    """Number of the first as-of date that is not before a date."""
    return -((date(2000, 1, 3) - reached).days // 28)


def shrunk(
    own: list[dict], parent: float | None, top: str, below: Callable[[dict], float], weight: str
) -> float | None:
    """A ratio of sums, drawn to the parent's as if 100 more users had shown it."""
    if parent is None:
        return None
    # without the noise of floats: nothing is nothing
    numerator, denominator = sum(p[top] for p in own), round(sum(below(p) for p in own), 9)
    users = sum(p[weight] for p in own)
    return (users * (numerator / denominator if denominator else parent) + 100 * parent) / (
        users + 100
    )


class Reference:
    """All of it in plain Python, from cohort days."""

    def __init__(self, cohorts: dict[Cohort, Days]):
        self.points: dict[Cohort, dict[int, dict]] = {}
        for cohort, days in cohorts.items():
            reached = [age for age in AGES if cohort[4] + timedelta(days=age + 1) <= COMPLETE_UNTIL]
            for before, age in zip([-1, *reached], reached, strict=False):
                point = {
                    "step": step_of(cohort[4] + timedelta(days=age + 1)),
                    "users": days.get(0, (0,))[0],
                    "cohorts": 1,
                }
                for place, name in enumerate(("active", "sessions", "revenue", "payers")):
                    point["new_" + name] = round(
                        sum(day[place] for n, day in days.items() if before < n <= age), 9
                    )
                    point[name] = round(sum(day[place] for n, day in days.items() if n <= age), 9)
                point["payers_before"] = point["payers"] - point["new_payers"]
                point["user_days"] = point["users"] * (age - before)
                self.points.setdefault(cohort, {})[age] = point
        self.curves: dict[tuple, dict[int, dict]] = {}

    def learned(self, step: int, key: tuple) -> dict[int, list[dict]]:
        """What was reached in a step and the three before, by cohorts whose columns begin so."""
        found: dict[int, list[dict]] = defaultdict(list)
        for cohort, points in self.points.items():
            if cohort[: len(key)] == key:
                for age, point in points.items():
                    if step - 3 <= point["step"] <= step:
                        found[age].append(point)
        return found

    def rates(self, step: int, campaign: tuple) -> dict[int, dict]:
        """What each age adds, of the campaign."""
        levels = [self.learned(step, campaign[:length]) for length in (2, 3, 4)]
        rates: dict[int, dict] = {}
        for age in AGES:
            rates[age] = {}
            for name, top, below, weight in (
                (
                    "revenue_growth",
                    "revenue",
                    lambda p: p["revenue"] - p["new_revenue"],
                    "payers_before",
                ),
                ("revenue_per_user", "new_revenue", lambda p: p["users"], "payers"),
                (
                    "session_growth",
                    "sessions",
                    lambda p: p["sessions"] - p["new_sessions"],
                    "users",
                ),
                ("revenue_per_session", "new_revenue", lambda p: p["new_sessions"], "payers"),
                ("active_share", "new_active", lambda p: p["user_days"], "users"),
                (
                    "revenue_per_active_day",
                    "new_revenue",
                    lambda p: p["new_active"],
                    "payers_before",
                ),
            ):
                every = name == "revenue_per_active_day"
                at = [
                    [p for each in level.values() for p in each] if every else level[age]
                    for level in levels
                ]
                denominator = round(sum(below(p) for p in at[0]), 9)
                rate = sum(p[top] for p in at[0]) / denominator if denominator else None
                for own in at[1:]:
                    rate = shrunk(own, rate, top, below, weight)
                rates[age][name] = rate
            last = [
                [p for p in level[age] if p["step"] == step] for level in (levels[2], levels[0])
            ]
            latest = last[0] if sum(p["users"] for p in last[0]) else last[1]
            for name, own in (("last_cohort", latest), ("app_average", levels[0][age])):
                users = sum(p["users"] for p in own)
                rates[age][name] = sum(p["revenue"] for p in own) / users if users else None
            rates[age]["users"] = sum(p["users"] for p in levels[0][age])
        return rates

    def curve(self, step: int, campaign: tuple) -> dict[int, dict]:
        """Rates, cumulated."""
        if (step, campaign) in self.curves:
            return self.curves[step, campaign]
        rates = self.rates(step, campaign)
        found: dict[int, dict] = {age: dict(rate) for age, rate in rates.items()}
        for name in ("revenue_growth", "session_growth"):
            growing = [age for age in AGES if (rates[age][name] or 0) > 0]
            begins = AGES.index(growing[0]) - 1 if growing else 0
            product: float | None = 1.0
            for place, age in enumerate(AGES):
                if place > begins and product is not None:
                    product = product * rates[age][name] if (rates[age][name] or 0) > 0 else None
                found[age]["total_" + name] = product if place >= begins else None
        total, value, before = 0.0, 0.0, 0.0
        for age in AGES:
            here = found[age]
            total = (
                None
                if total is None or here["revenue_per_user"] is None
                else total + here["revenue_per_user"]
            )
            sessions = here["total_session_growth"]
            if sessions is not None:
                value, before = (
                    value + (sessions - before) * (here["revenue_per_session"] or 0),
                    sessions,
                )
            here["total_revenue_per_user"] = total
            here["session_value"] = None if sessions is None else value
        fitted = [
            (math.log((age + before + 2) / 2), math.log(rates[age]["active_share"]))
            for before, age in pairwise(AGES)
            if (rates[age]["active_share"] or 0) > 0
        ]
        slope = None
        if len(fitted) > 1:
            mean_x, mean_y = (sum(pair[place] for pair in fitted) / len(fitted) for place in (0, 1))
            slope = sum((x - mean_x) * (y - mean_y) for x, y in fitted) / sum(
                (x - mean_x) ** 2 for x, _ in fitted
            )
        oldest = max([age for age in AGES if rates[age]["users"]], default=-1)
        for age in AGES:
            per_day = rates[age]["revenue_per_active_day"]
            found[age]["power"] = (
                per_day * math.exp(mean_y - slope * mean_x) * (age + 1) ** (slope + 1) / (slope + 1)
                if slope is not None
                and -5 <= slope <= 5
                and age <= 2 * oldest
                and per_day is not None
                else None
            )
        self.curves[step, campaign] = found
        return found

    def predicted(
        self, cohort: Cohort, step: int, age: int, horizon: int
    ) -> dict[str, float | None]:
        """Revenue by the horizon, by each method."""
        point, curve = self.points[cohort][age], self.curve(step, cohort[:4])
        now, then = curve[age], curve[horizon]

        def more(name: str) -> float | None:
            return None if now[name] is None or then[name] is None else then[name] - now[name]

        own = point["payers"] / (point["payers"] + 50)
        developed: float | None = 0.0
        if point["revenue"]:
            developed = None
            if now["total_revenue_growth"] and then["total_revenue_growth"]:
                developed = (
                    own
                    * point["revenue"]
                    * (then["total_revenue_growth"] / now["total_revenue_growth"] - 1)
                )
        per_user, value, power = (
            more("total_revenue_per_user"),
            more("session_value"),
            more("power"),
        )
        base = point["revenue"]
        return {
            "chain_ladder": None
            if per_user is None or developed is None
            else base + developed + (1 - own) * point["users"] * per_user,
            "session_curve": None
            if value is None
            else base + point["sessions"] * value / now["total_session_growth"],
            "power_law": None if power is None else base + point["users"] * power,
            "last_cohort": None
            if then["last_cohort"] is None
            else point["users"] * then["last_cohort"],
            "app_average": None
            if then["app_average"] is None
            else point["users"] * then["app_average"],
        }


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """A query's rows by column, decimals as floats."""
    result = connection.execute(sql)
    names = [column[0] for column in result.description]
    found = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return [
        {n: float(v) if type(v).__name__ == "Decimal" else v for n, v in row.items()}
        for row in found
    ]


def close(value: float | None, other: float | None) -> bool:
    """Whether two numbers are one, but for rounding; null is only null."""
    if value is None or other is None:
        return value is other
    return math.isclose(value, other, rel_tol=1e-6, abs_tol=1e-6)


def test_the_sql_agrees_with_plain_python(ltv: Callable[..., Any]):
    cohorts = made_cohorts(1)
    reference = Reference(cohorts)
    newest = max(point["step"] for points in reference.points.values() for point in points.values())
    with ltv(cohorts) as connection:
        estimates = rows(connection, "select * from intermediate.int_ltv_estimates")
        errors = rows(connection, "select * from intermediate.int_ltv_errors")
        backtest = rows(connection, "select * from marts.mart_ltv_backtest")
        predictions = rows(connection, "select * from marts.mart_ltv_predictions")
    check_estimates(reference, newest, estimates)
    check_backtest(estimates, errors, backtest)
    check_predictions(newest, estimates, errors, predictions)


def check_estimates(reference: Reference, newest: int, estimates: list[dict]) -> None:
    """Every cohort is predicted as of now, and from each scored day once, as by the reference."""
    wanted = {}
    for cohort, points in reference.points.items():
        current = max(points)
        for age, point in points.items():
            steps = {True: newest} if age == current else {}
            if (
                age in SCORED
                and date(2000, 1, 3) + timedelta(days=28 * point["step"]) <= COMPLETE_UNTIL
            ):
                steps[False] = point["step"]
            for is_current, step in steps.items():
                for horizon in HORIZONS:
                    if is_current or age < horizon:
                        wanted[(*cohort, is_current, age, horizon)] = (cohort, step)
    keys = (*COHORT, "is_current", "observed_day_n", "horizon_day_n")
    found = {tuple(row[key] for key in keys): row for row in estimates}
    assert found.keys() == wanted.keys() and len(found) == len(estimates)
    known = dict.fromkeys(METHODS, 0)
    for key, (cohort, step) in wanted.items():
        age, horizon = key[-2:]
        row, expected = found[key], reference.predicted(cohort, step, age, horizon)
        assert row["as_of_step"] == step
        assert close(row["observed_revenue"], reference.points[cohort][age]["revenue"])
        assert close(
            row["actual_revenue"], reference.points[cohort].get(horizon, {}).get("revenue")
        ), key
        for method in METHODS:
            assert close(row[method + "_revenue"], expected[method]), (
                key,
                method,
                row[method + "_revenue"],
                expected,
            )
            known[method] += expected[method] is not None
    assert min(known.values()) > 100, known


def percentile(values: list[float], fraction: float) -> float:
    """The smallest value that so many are not above."""
    return sorted(values)[max(math.ceil(fraction * len(values) - 1e-9), 1) - 1]


def indexed(errors: list[dict]) -> dict[tuple, list[dict]]:
    """Errors by what an interval is of: level, method, observed day and horizon."""
    found: dict[tuple, list[dict]] = defaultdict(list)
    for row in errors:
        if row["error_units"] is not None:
            key = (row["level"], row["method"], row["observed_day_n"], row["horizon_day_n"])
            found[key].append(row)
    return found


def interval(
    errors: dict[tuple, list[dict]], step: int, app: str, *key: Any
) -> tuple[float, float] | None:
    """Between which errors, in their units, 80 % lay: of the app, or of all where it has few.

    Of those whose outcome was known at a step, of the six steps before.
    """
    level, _, observed, horizon = key
    lag = -(-(horizon - observed) // 28)
    pooled = [row for row in errors[key] if step - 6 < row["as_of_step"] + lag <= step]
    known = [row for row in pooled if row["app_id"] == app]
    if len(known) < 20:
        known = pooled
    if len(known) < 20:
        return None
    wider = 1.0
    if level != "cohort":
        wider = 1.2 * math.sqrt(1 + 1 / len({row["as_of_step"] for row in known}))
    values = [row["error_units"] for row in known]
    lower, upper = (percentile(values, part) * wider for part in (0.1, 0.9))
    return min(lower, 0), max(upper, 0)


def check_backtest(estimates: list[dict], errors: list[dict], backtest: list[dict]) -> None:
    """Units add up their cohorts, and the mart its units."""
    units: dict[tuple, list[dict]] = defaultdict(list)
    for row in estimates:
        if not row["is_current"] and row["actual_revenue"] is not None:
            for level, length in (("app", 2), ("channel", 3), ("campaign", 4), ("cohort", 5)):
                names = [row[name] if place < length else None for place, name in enumerate(COHORT)]
                units[
                    (level, row["as_of_step"], *names, row["observed_day_n"], row["horizon_day_n"])
                ].append(row)
    assert len(errors) == len(units) * len(METHODS)
    sums: dict[tuple, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    intervals: dict[tuple, Any] = {}
    by_key = indexed(errors)
    for row in errors:
        key = (
            row["level"],
            row["as_of_step"],
            *(row[name] for name in COHORT),
            row["observed_day_n"],
            row["horizon_day_n"],
        )
        own = [each for each in units[key] if each[row["method"] + "_revenue"] is not None]
        assert (row["predicted_revenue"] is None) == (not own)
        total = sums[(row["as_of_date"], *key[2:4], key[0], row["method"], *key[-2:])]
        total["unit_count"] += 1
        if not own:
            continue
        predicted, actual = (
            sum(each[name] for each in own)
            for name in (row["method"] + "_revenue", "actual_revenue")
        )
        assert close(row["predicted_revenue"], predicted) and close(row["actual_revenue"], actual)
        users = max(sum(each["revenue_users"] for each in own), 1)
        if predicted:
            relative = (actual - predicted) / predicted / math.sqrt(1 / users + 1 / 400)
            assert math.isclose(row["error_units"], relative, rel_tol=1e-4, abs_tol=1e-4)
        total["predicted_unit_count"] += 1
        total["predicted_revenue"] += predicted
        total["actual_revenue"] += actual
        total["absolute_error"] += abs(predicted - actual)
        at = (
            row["as_of_step"],
            row["app_id"],
            row["level"],
            row["method"],
            row["observed_day_n"],
            row["horizon_day_n"],
        )
        if at not in intervals:
            intervals[at] = interval(by_key, *at)
        if intervals[at] and row["error_units"] is not None:
            total["interval_unit_count"] += 1
            total["covered_unit_count"] += (
                intervals[at][0] - 1e-8 <= row["error_units"] <= intervals[at][1] + 1e-8
            )
    keys = (
        "as_of_date",
        "app_id",
        "platform",
        "level",
        "method",
        "observed_day_n",
        "horizon_day_n",
    )
    assert {tuple(row[key] for key in keys) for row in backtest} == sums.keys()
    for row in backtest:
        total = sums[tuple(row[key] for key in keys)]
        for name in (
            "unit_count",
            "predicted_unit_count",
            "interval_unit_count",
            "covered_unit_count",
        ):
            assert row[name] == total[name], (row, dict(total))
        for name in ("predicted_revenue", "actual_revenue", "absolute_error"):
            assert close(row[name] or 0, total[name]), (row, dict(total))
    assert sum(row["interval_unit_count"] for row in backtest) > 1000


def check_predictions(
    newest: int, estimates: list[dict], errors: list[dict], predictions: list[dict]
) -> None:
    """What is shown is the default method's, within what its errors say, or null with a reason."""
    wape: dict[tuple, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in errors:
        if (
            row["level"] == "campaign"
            and row["method"] in METHODS[:3]
            and row["predicted_revenue"] is not None
        ):
            key = (row["app_id"], row["horizon_day_n"])
            wape[key][row["method"]].append(
                (abs(row["predicted_revenue"] - row["actual_revenue"]), row["actual_revenue"])
            )
    defaults = {}
    for key, methods in wape.items():
        ranked = {
            method: sum(e for e, _ in pairs) / sum(a for _, a in pairs)
            for method, pairs in methods.items()
            if len(pairs) >= 20 and sum(a for _, a in pairs) > 0
        }
        if ranked:
            defaults[key] = min(ranked, key=ranked.__getitem__)
    assert len(set(defaults.values())) > 1
    found = {tuple(row[key] for key in (*COHORT, "horizon_day_n")): row for row in predictions}
    current = [row for row in estimates if row["is_current"]]
    assert len(found) == len(current) == len(predictions)
    reasons: dict[str | None, int] = defaultdict(int)
    highest: dict[Cohort, float] = defaultdict(lambda: -math.inf)
    by_key, bounds_of = indexed(errors), {}
    for row in sorted(current, key=lambda row: row["horizon_day_n"]):
        cohort = tuple(row[name] for name in COHORT)
        shown = found[(*cohort, row["horizon_day_n"])]
        reasons[shown["null_reason"]] += 1
        if row["horizon_day_n"] <= row["observed_day_n"]:
            if row["d0_users"]:
                assert shown["method"] == "observed" and close(
                    shown["predicted_revenue"], row["actual_revenue"]
                )
            continue
        method = defaults.get((row["app_id"], row["horizon_day_n"]), "chain_ladder")
        if row[method + "_revenue"] is None:
            method = "power_law"
        if row[method + "_revenue"] is not None:
            highest[cohort] = max(highest[cohort], row[method + "_revenue"])
        if shown["null_reason"]:
            continue
        assert shown["method"] == method and close(shown["predicted_revenue"], highest[cohort])
        assert row["training_revenue_user_count"] >= 30
        scored = max(age for age in SCORED if age <= row["observed_day_n"])
        key = (row["app_id"], "cohort", method, scored, row["horizon_day_n"])
        if key not in bounds_of:
            bounds_of[key] = interval(by_key, newest, *key)
        bounds = bounds_of[key]
        unit = math.sqrt(1 / max(row["revenue_users"], 1) + 1 / 400)
        if bounds is None:
            assert (
                shown["predicted_revenue_lower"] is None
                and shown["predicted_revenue_upper"] is None
            )
        elif highest[cohort] > 0:
            lower, upper = (highest[cohort] * (1 + bound * unit) for bound in bounds)
            lower = (
                max(lower, row["observed_revenue"])
                if row["observed_revenue"] < highest[cohort]
                else lower
            )
            assert math.isclose(shown["predicted_revenue_lower"], lower, rel_tol=1e-5, abs_tol=1e-5)
            assert math.isclose(shown["predicted_revenue_upper"], upper, rel_tol=1e-5, abs_tol=1e-5)
        paid = shown["predicted_payback_day_n"]
        assert paid is None or (row["observed_revenue"] < 40 and paid > row["observed_day_n"])
    assert {
        None,
        "no_users",
        "new_channel",
        "too_few_users",
        "horizon_beyond_observed_age",
    } <= reasons.keys(), dict(reasons)


def test_predictions_of_a_date_do_not_change_when_what_is_later_is_deleted(ltv: Callable[..., Any]):
    cohorts = made_cohorts(3)
    as_of = max(
        date(2000, 1, 3) + timedelta(days=28 * step)
        for step in range(340)
        if step <= step_of(date(2025, 5, 1))
    )
    keys = ", ".join(
        (*COHORT, "observed_day_n", "horizon_day_n", *(f"{method}_revenue" for method in METHODS))
    )
    sql = f"""
        select {keys} from intermediate.int_ltv_estimates
        where not is_current and as_of_date = '{as_of}' order by all
    """
    with ltv(cohorts) as connection:
        known = connection.execute(sql).fetchall()
    earlier = {
        cohort: {n: day for n, day in days.items() if cohort[4] + timedelta(days=n) <= as_of}
        for cohort, days in cohorts.items()
        if cohort[4] <= as_of
    }
    assert sum(map(len, earlier.values())) < 0.6 * sum(map(len, cohorts.values()))
    with ltv(earlier) as connection:
        found = connection.execute(sql).fetchall()
    assert found == known and len(known) > 100


# revenue per session from ads, purchases per session, mean purchase; what a change multiplies
KINDS = {
    "ads": (0.04, 0.0, 0.0, 1.3),
    "dearer": (0.04, 0.001, 5.0, 0.75),
    "shop": (0.0, 0.02, 8.0, 1.6),
}
YEAR = date(2024, 1, 1)


def made_year(
    generator: np.random.Generator, kind: str, changes: int | None
) -> dict[str, np.ndarray]:
    """Sessions and revenue of a year by date and age; what a session brings changes on a day.

    Nothing is what the break test assumes: there is a season, installs grow and jump, purchases
    have a heavy tail.
    """
    ages = np.array([age for age in AGES if age <= 30])
    spans = np.diff(ages, prepend=-1)
    days = np.arange(364)
    users = generator.uniform(200, 1000) * np.exp(
        generator.normal(0, 0.6) * days / 364 + generator.normal(0, 0.2, 364)
    )
    sessions = generator.poisson(users[:, None] * 1.7 * spans * 0.6 * (ages + 1.0) ** -0.6)
    price, rate, basket, factor = KINDS[kind]
    level = 1 + 0.15 * np.sin(2 * np.pi * (days / 365 + generator.random()))
    level[:] *= np.where(days >= (changes or 9999), factor, 1.0)
    ads = (
        price
        * sessions
        * np.maximum(1 + 0.7 * generator.normal(size=sessions.shape) / np.sqrt(sessions + 1), 0)
    )
    buyers = generator.poisson(sessions * rate).ravel()
    paid = np.bincount(
        np.repeat(np.arange(buyers.size), buyers),
        generator.lognormal(-0.5, 1, buyers.sum()) * basket,
        buyers.size,
    )
    return {
        "day": np.repeat(days, len(ages)),
        "day_n": np.tile(ages, len(days)),
        "session_count": sessions.ravel(),
        "revenue": ((ads + paid.reshape(ads.shape)) * level[:, None]).ravel(),
    }


def test_a_change_of_monetization_is_found_and_steady_years_are_left_alone(
    sql: dict[str, str], tmp_path_factory: pytest.TempPathFactory
):
    generator, changed = np.random.default_rng(7), sql["intermediate.int_ltv_monetization"]
    changes: dict[str, tuple[str, int | None]] = {}
    with made_database(tmp_path_factory.mktemp("changes"), "") as connection:
        connection.execute("""
            create table intermediate.int_ltv_points (
                app_id varchar, platform varchar, day_n bigint, reached_date date,
                session_count bigint, revenue decimal(28, 9)
            )
        """)
        for kind in KINDS:
            for number in range(40):
                day = int(generator.integers(150, 300)) if number % 2 else None
                changes[f"{kind} {number}"] = (kind, day)
                connection.register("series", pa.table(made_year(generator, kind, day)))
                connection.execute(f"""
                    insert into intermediate.int_ltv_points
                    select
                        '{kind} {number}', 'ios', day_n, date '{YEAR}' + day::integer,
                        session_count, revenue
                    from series
                """)
        judged = connection.execute(
            f"select app_id, as_of_step from ({changed}) where is_changed"
        ).fetchall()
    steps: dict[str, set[int]] = defaultdict(set)
    for app, step in judged:
        steps[app].add(step)
    found, false = dict.fromkeys(KINDS, 0), dict.fromkeys(KINDS, 0)
    for app, (kind, day) in changes.items():
        if day is None:
            false[kind] += bool(steps[app])
            continue
        first = step_of(YEAR + timedelta(days=day))
        assert min(steps[app], default=first) >= first
        # two weeks of the new price, at the end of the next step at the latest
        last = step_of(YEAR + timedelta(days=day + 14)) + 1
        found[kind] += bool(steps[app] & {*range(first, last + 1)})
    # of 20 each (docs/metrics.md)
    assert min(found.values()) >= 18, found
    assert false["ads"] + false["dearer"] <= 1 and false["shop"] <= 4, false


def test_a_build_without_what_is_later_predicts_the_same(tmp_path: Path):
    """Raw rows are really deleted: one of two builds has never seen anything after a date."""
    as_of = date(2000, 1, 3) + timedelta(days=28 * step_of(date(2024, 3, 20)))
    generator = random.Random(4)
    lines = []
    for number in range(70):
        installed = datetime(2024, 1, 1) + timedelta(days=number % 60, hours=number % 24)
        lines.append((installed, f"user {number}", "install"))
        for offset in range(1, 90):
            if generator.random() < 0.5 / offset**0.4:
                at = installed + timedelta(days=offset, minutes=generator.randint(0, 90))
                name = "purchase" if generator.random() < 0.3 else "app_open"
                lines.append((at, f"user {number}", name))

    def built_until(last: date, folder: str) -> Pipeline:
        pipeline = Pipeline(
            tmp_path / folder,
            vars={"late_days": 0, "reporting_timezone": "UTC", "ltv_horizons": [3, 7, 14, 30]},
            select=["+int_ltv_estimates"],
        )
        pipeline.add(
            {
                "provider": "generic",
                "event_id": f"{user} {at}",
                "app_id": "app.plain",
                "platform": "ios",
                "device_id": user,
                "event_name": name,
                "event_at": micros(f"{at:%Y-%m-%d %H:%M:%S}"),
                "loaded_at": micros(f"{at.date() + timedelta(days=1)} 03:00:00"),
                "campaign_id": user[-1] if name == "install" else None,
                "channel": "network" if name == "install" else None,
                "revenue": "1.25" if name == "purchase" else None,
                "currency": "USD" if name == "purchase" else None,
            }
            for at, user, name in lines
            if at.date() <= last
        )
        pipeline.run()
        return pipeline

    whole, early = built_until(date(2024, 6, 1), "whole"), built_until(as_of, "early")
    assert early.count("core.fct_sessions") < 0.9 * whole.count("core.fct_sessions")
    keys = ", ".join((*COHORT, "observed_day_n", "horizon_day_n"))
    methods = ", ".join(f"{method}_revenue" for method in METHODS)
    sql = f"""
        select as_of_date, {keys}, observed_revenue, {methods} from intermediate.int_ltv_estimates
        where not is_current and as_of_date <= '{as_of}' order by all
    """
    known, found = whole.query(sql), early.query(sql)
    assert found == known
    assert sum(row[-5] is not None and row[0] == as_of for row in found) > 20


@pytest.mark.parametrize("bad", [[], [0], [3651], [True], "90", [7, 7]])
def test_a_horizon_is_a_day_after_the_first(dbt: Dbt, bad: Any):
    result = dbt("run-operation", "check_variables", vars={"ltv_horizons": bad}, check=False)
    assert not result.success
    assert "the variable ltv_horizons: must be a list of whole numbers from 1 to 3650" in str(
        result
    )
