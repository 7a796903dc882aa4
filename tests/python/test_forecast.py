"""Forecasts of sessions: the SQL on random apps against plain Python that shares nothing with it,
and a look for leakage: forecasts as of a date do not change when all that came later is deleted."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest
from compiled_models import compiled, made_database, make
from dbt_harness import Dbt

MODELS = {
    "int_forecast_curves": "intermediate",
    "int_session_forecasts": "intermediate",
    "int_forecast_intervals": "intermediate",
    "mart_session_forecast_backtest": "marts",
    "mart_session_forecast": "marts",
}
# what the models read, and no more of it
TABLES = """
    create table core.fct_installs (
        provider varchar, app_id varchar, platform varchar, install_date date, is_reinstall boolean
    );
    create table core.fct_ad_spend (
        provider varchar, app_id varchar, updated_at timestamp, loaded_at timestamp,
        spend_date date
    );
    create table intermediate.int_install_date_activity (
        app_id varchar, install_date date, activity_date date, session_count bigint,
        active_users bigint
    );
    create table marts.mart_daily_engagement (
        app_id varchar, platform varchar, activity_date date, session_count bigint, dau bigint,
        ad_revenue decimal(28, 9)
    );
"""
FIRST = date(2025, 1, 4)
# `late_days` is 3; ad revenue comes two days later than events
LOADED_AT = datetime(2025, 6, 14)
COMPLETE_UNTIL, REVENUE_UNTIL = date(2025, 6, 10), date(2025, 6, 8)
SPANS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 22, 27, 33, 40, 49, 60, 73, 89, 109, 133]
DAY = timedelta(days=1)


@dataclass
class App:
    """What is known of an app: installs, what cohorts did on a date, and totals of dates."""

    installs: dict[date, int] = field(default_factory=dict)
    activity: dict[tuple[date, date], tuple[int, int]] = field(default_factory=dict)
    days: dict[date, tuple[int, int, float]] = field(default_factory=dict)

    def until(self, last: date) -> App:
        """As if nothing later had happened."""
        return App(
            {day: n for day, n in self.installs.items() if day <= last},
            {key: n for key, n in self.activity.items() if key[1] <= last},
            {day: n for day, n in self.days.items() if day <= last},
        )


def made_app(
    seed: int, begins: int, scale: int, share: float = 0.8, silent: int = 0, ads: bool = True
) -> App:
    """Random installs, of which some come back, and users of whom no install is known."""
    generator = random.Random(seed)
    app = App()
    last = COMPLETE_UNTIL + 3 * DAY
    day = FIRST + begins * DAY
    while day <= last:
        if generator.random() < share:
            app.installs[day] = generator.randint(1, 2 * scale)
        day += DAY
    day = FIRST + begins * DAY
    while day <= last:
        sessions = active = 0
        for installed, users in app.installs.items():
            age = (day - installed).days
            if age >= 0 and (last - day).days >= silent:
                own = round(users * (age + 1) ** -0.7 * generator.uniform(0.5, 1.3))
                if own:
                    app.activity[installed, day] = (2 * own + generator.randint(0, 2), own)
                    sessions += app.activity[installed, day][0]
                    active += own
        if (last - day).days >= silent:
            sessions, active = sessions + 3, active + 1
        revenue = round(sessions * generator.uniform(0.01, 0.03), 4) if ads else 0.0
        app.days[day] = (sessions, active, revenue)
        day += DAY
    return app


APPS = {
    "large": made_app(1, 0, 30),
    "small": made_app(2, 40, 3),
    "no ads": made_app(3, 20, 10, ads=False),
    "young": made_app(4, 140, 10),
    "silent": made_app(5, 10, 10, silent=12),
    "few cohorts": made_app(6, 115, 10, share=0.1),
    "few sessions": made_app(7, 128, 1, share=0.2),
}


@pytest.fixture(scope="module")
def forecast(built: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """The models on some apps: a function of them that gives a connection."""
    sql = compiled(built, MODELS)

    @contextmanager
    def run(apps: dict[str, App]) -> Iterator[duckdb.DuckDBPyConnection]:
        with made_database(tmp_path_factory.mktemp("forecast"), TABLES) as connection:
            connection.execute(
                f"""
                insert into intermediate.int_event_loads values ('p', 'accepted', '{LOADED_AT}');
                insert into core.fct_ad_revenue
                values ('p', 'a', null, '{LOADED_AT - 2 * DAY}', '{REVENUE_UNTIL}')
                """
            )
            for name, app in apps.items():
                # two platforms, which are one app
                installs = [
                    f"('p', '{name}', '{('ios', 'web')[number % 2]}', date '{day}', false)"
                    for day, count in app.installs.items()
                    for number in range(count)
                ]
                activity = [
                    f"('{name}', date '{installed}', date '{day}', {sessions}, {active})"
                    for (installed, day), (sessions, active) in app.activity.items()
                ]
                days = [
                    f"('{name}', '{platform}', date '{day}', {sessions}, {active}, {revenue})"
                    for day, total in app.days.items()
                    for platform, (sessions, active, revenue) in (
                        ("ios", (total[0] // 2, total[1], 0)),
                        ("web", (total[0] - total[0] // 2, 0, total[2])),
                    )
                ]
                for table, values in (
                    ("core.fct_installs", installs),
                    ("intermediate.int_install_date_activity", activity),
                    ("marts.mart_daily_engagement", days),
                ):
                    if values:
                        connection.execute(f"insert into {table} values {', '.join(values)}")
            make(connection, sql)
            yield connection

    return run


# ---------------------------------------------------------------------------------- reference


def span(age: int) -> int:
    """Which span of ages an age is in."""
    return max(number for number, first in enumerate(SPANS) if first <= age)


def curve(app: App, as_of: date, place: int) -> list[float]:
    """What an install brings on a day, by span of ages, as seen in eight weeks."""
    begins = max(min(app.days), as_of - 55 * DAY)
    done, shown = [0.0] * len(SPANS), [0] * len(SPANS)
    for (installed, day), values in app.activity.items():
        if begins <= day <= as_of:
            done[span((day - installed).days)] += values[place]
    for installed, count in app.installs.items():
        day = max(begins, installed)
        while day <= as_of:
            shown[span((day - installed).days)] += count
            day += DAY
    rates: list[float] = []
    for did, saw in zip(done, shown, strict=True):
        rates.append(did / saw if saw else rates[-1] if rates else 0.0)
    return rates


def weekday_factors(app: App, as_of: date, place: int) -> dict[int, float]:
    """How weekdays compare with the week around them."""
    sums: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for offset in range(3, 59):
        day = as_of - offset * DAY
        week = [app.days.get(day + near * DAY) for near in range(-3, 4)]
        if None not in week and offset - 3 < 56:
            sums[day.weekday()][0] += 7 * app.days[day][place]
            sums[day.weekday()][1] += sum(each[place] for each in week)
    factors = {
        weekday: own / all_days if all_days else 1.0 for weekday, (own, all_days) in sums.items()
    }
    mean = sum(factors.values()) / len(factors) if factors else 1.0
    return {weekday: factor / mean for weekday, factor in factors.items()} if mean else {}


def expected(app: App, as_of: date, place: int) -> dict[date, float] | None:
    """The forecast of sessions (0) or active users (1)."""
    rates = curve(app, as_of, place)
    installs = {day: count for day, count in app.installs.items() if day <= as_of}
    coming = sum(count for day, count in installs.items() if day > as_of - 7 * DAY) / 7
    cohorts = dict(installs) | {as_of + ahead * DAY: coming for ahead in range(1, 29)}

    def raw(day: date) -> float:
        return sum(
            count * rates[span((day - installed).days)]
            for installed, count in cohorts.items()
            if installed <= day
        )

    week = [as_of - back * DAY for back in range(7)]
    usual = sum(raw(day) for day in week)
    if not usual:
        return None
    level = sum(app.days[day][place] for day in week if day in app.days) / usual
    factors = weekday_factors(app, as_of, place)
    return {
        day: raw(day) * level * factors.get(day.weekday(), 1.0)
        for day in (as_of + ahead * DAY for ahead in range(1, 29))
    }


def known(app: App, day: date, place: int) -> float | None:
    """What came on a date, once it is complete."""
    if day not in app.days or day > (REVENUE_UNTIL if place == 2 else COMPLETE_UNTIL):
        return None
    return app.days[day][place]


def forecasts(app: App, as_of: date) -> list[list[dict[date, float] | None]]:
    """Of sessions, active users, ad revenue: the forecast, and the same weekday last week."""
    found: list[Any] = [expected(app, as_of, place) for place in (0, 1)]
    week = [as_of - back * DAY for back in range(7)]
    paid = [day for day in week if known(app, day, 2) is not None]
    brought = sum(app.days[day][0] for day in paid)
    per_session = sum(app.days[day][2] for day in paid) / brought if brought else None
    found.append(
        None
        if found[0] is None or per_session is None
        else {day: value * per_session for day, value in found[0].items()}
    )
    days = [as_of + ahead * DAY for ahead in range(1, 29)]
    naive = [
        {
            day: known(app, day - (1 + (day - as_of - DAY).days // 7) * 7 * DAY, place)
            for day in days
        }
        for place in range(3)
    ]
    return [[ours, theirs] for ours, theirs in zip(found, naive, strict=True)]


def as_of_dates(app: App) -> list[date]:
    """Sundays from four weeks of history on."""
    days = [day for day in app.days if day <= COMPLETE_UNTIL]
    return [day for day in days if day.weekday() == 6 and (day - min(days)).days >= 27]


def close(found: Any, wanted: float | None) -> bool:
    """Equal but for what summing in another order does."""
    if found is None or wanted is None:
        return found is None and wanted is None
    return math.isclose(float(found), wanted, rel_tol=1e-5, abs_tol=1e-5)


COLUMNS = ("session_count", "dau", "ad_revenue")
METHODS = ("cohort_curves", "same_weekday")
MEASURES = ("sessions", "dau", "ad_revenue")


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """Rows as dictionaries."""
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def percentile(values: list[float], fraction: float) -> float:
    """The smallest value that so many are not above."""
    return sorted(values)[max(math.ceil(fraction * len(values) - 1e-9), 1) - 1]


Errors = dict[tuple[str, int], list[tuple[date, date, float]]]


def interval(errors: Errors, app: str, place: int, as_of: date) -> tuple[float, float, int] | None:
    """Between which errors, in their units, 80 % lay, of the 13 weeks before."""
    seen = [
        (made, error) for made, day, error in errors[app, place] if as_of - 91 * DAY < day <= as_of
    ]
    dates = len({made for made, _ in seen})
    if dates < 4:
        return None
    wider = math.sqrt(1 + 1 / dates)
    lower, upper = (percentile([error for _, error in seen], part) * wider for part in (0.1, 0.9))
    return min(lower, 0), max(upper, 0), dates


def test_forecasts_errors_and_intervals_are_those_of_plain_python(forecast: Callable[..., Any]):
    with forecast(APPS) as connection:
        found = rows(connection, "select * from intermediate.int_session_forecasts")
        backtest = rows(connection, "select * from marts.mart_session_forecast_backtest")
        mart = rows(connection, "select * from marts.mart_session_forecast order by all")
    wanted = {
        (name, as_of): forecasts(app, as_of)
        for name, app in APPS.items()
        for as_of in {*as_of_dates(app), COMPLETE_UNTIL}
    }
    assert {(row["app_id"], row["as_of_date"]) for row in found} == wanted.keys()
    assert len(found) == 28 * len(wanted)
    errors: Errors = defaultdict(list)
    sums: dict[tuple, list[float]] = defaultdict(lambda: [0.0] * 4)
    for row in found:
        app, as_of, day = row["app_id"], row["as_of_date"], row["forecast_date"]
        assert row["is_current"] == (as_of == COMPLETE_UNTIL)
        assert row["is_scored"] == (as_of in as_of_dates(APPS[app]))
        for place, column in enumerate(COLUMNS):
            came = known(APPS[app], day, place)
            assert close(row[f"actual_{column}"], came)
            for method, values in zip(METHODS, wanted[app, as_of][place], strict=True):
                value = values[day] if values else None
                assert close(row[f"{method}_{column}"], value), (app, as_of, day, method, column)
                if row["is_scored"] and came is not None and value is not None:
                    week = (row["days_ahead"] + 6) // 7
                    total = sums[as_of, app, MEASURES[place], method, week]
                    for at, add in enumerate((1, value, came, abs(value - came))):
                        total[at] += add
                    if method == "cohort_curves" and value:
                        unit = math.sqrt(1 + row["days_ahead"] / 10)
                        errors[app, place].append((as_of, day, (came - value) / value / unit))
    keys = ("as_of_date", "app_id", "measure", "method", "week_ahead")
    assert {tuple(row[key] for key in keys) for row in backtest} == sums.keys()
    for row in backtest:
        total = sums[tuple(row[key] for key in keys)]
        for name, value in zip(
            ("day_count", "predicted_value", "actual_value", "absolute_error"), total, strict=True
        ):
            assert close(row[name], value), (row, total)
        place = MEASURES.index(row["measure"])
        bounds = interval(errors, row["app_id"], place, row["as_of_date"])
        own = [
            error
            for made, day, error in errors[row["app_id"], place]
            if made == row["as_of_date"] and ((day - made).days + 6) // 7 == row["week_ahead"]
        ]
        if row["method"] == "same_weekday" or bounds is None:
            own = []
        assert row["interval_day_count"] == len(own)
        assert row["covered_day_count"] == sum(
            bounds[0] - 1e-7 <= error <= bounds[1] + 1e-7 for error in own if bounds
        )
    assert sum(row["interval_day_count"] for row in backtest) > 1000
    check_mart(mart, wanted, errors)


def check_mart(mart: list[dict], wanted: dict, errors: Errors) -> None:
    """What is shown is the newest forecast in its interval, or null with a reason."""
    reasons: dict[str, set] = defaultdict(set)
    for row in mart:
        app, day = row["app_id"], row["forecast_date"]
        reasons[app].add((row["null_reason"], row["ad_revenue_null_reason"]))
        assert (
            row["as_of_date"] == COMPLETE_UNTIL and day == COMPLETE_UNTIL + row["days_ahead"] * DAY
        )
        learnt = {
            installed: 0
            for installed, active in APPS[app].activity
            if COMPLETE_UNTIL - 56 * DAY < active <= COMPLETE_UNTIL
        }
        assert row["training_cohort_count"] == len(learnt)
        assert row["training_user_count"] == sum(APPS[app].installs[day] for day in learnt)
        assert row["history_day_count"] == (COMPLETE_UNTIL - min(APPS[app].days)).days + 1
        for place, column in enumerate(COLUMNS):
            reason = row["ad_revenue_null_reason" if place == 2 else "null_reason"]
            value = wanted[app, COMPLETE_UNTIL][place][0][day] if not reason else None
            assert close(row[f"predicted_{column}"], value)
            bounds = interval(errors, app, place, COMPLETE_UNTIL) if value is not None else None
            unit = math.sqrt(1 + row["days_ahead"] / 10)
            for side, end in (("lower", 0), ("upper", 1)):
                bound = max(1 + bounds[end] * unit, 0) * value if bounds and value else None
                assert close(row[f"predicted_{column}_{side}"], bound), (row, bound)
    assert reasons == {
        "large": {(None, None)},
        "small": {(None, None)},
        "no ads": {(None, "no_recent_ad_revenue")},
        "young": {("too_short_history", "too_short_history")},
        "silent": {("no_recent_sessions", "no_recent_sessions")},
        "few cohorts": {("too_few_cohorts", "too_few_cohorts")},
        "few sessions": {("too_few_sessions", "too_few_sessions")},
    }
    assert len(mart) == 28 * len(APPS)


def test_forecasts_of_a_date_do_not_change_when_what_is_later_is_deleted(
    forecast: Callable[..., Any],
):
    as_of = date(2025, 4, 20)
    sql = f"""
        select * exclude (is_current, actual_session_count, actual_dau, actual_ad_revenue)
        from intermediate.int_session_forecasts
        where is_scored and as_of_date <= '{as_of}' order by all
    """
    intervals = f"""
        select * from intermediate.int_forecast_intervals where as_of_date <= '{as_of}' order by all
    """
    with forecast(APPS) as connection:
        wanted = [connection.execute(text).fetchall() for text in (sql, intervals)]
    early = {name: app.until(as_of) for name, app in APPS.items() if min(app.days) <= as_of}
    with forecast(early) as connection:
        found = [connection.execute(text).fetchall() for text in (sql, intervals)]
    assert [len(each) > 10 for each in wanted] == [True, True]
    # an app whose first as-of date is later has none
    assert found == wanted
