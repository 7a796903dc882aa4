"""`mart_campaign_quality`: its SQL on users that are made here, against counts and verdicts worked
out by hand and, on random users, in plain Python."""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import duckdb
import pytest
from compiled_models import compiled, make
from dbt_harness import Dbt

NEWEST_LOAD = datetime(2025, 3, 1)
# what the mart reads, and no more of it
TABLES = """
    create schema core;
    create schema intermediate;
    create schema marts;
    create table core.fct_installs (
        user_key bigint, provider varchar, app_id varchar, platform varchar, campaign_id varchar,
        channel varchar, country varchar, install_date date, installed_at timestamp,
        is_install_inferred boolean, is_reinstall boolean
    );
    create table core.dim_campaigns (
        app_id varchar, platform varchar, campaign_id varchar, campaign_group_id varchar,
        channel varchar, is_organic boolean, is_default_channel boolean
    );
    create table core.dim_dates (date_day date, month_start_date date);
    create table intermediate.int_user_days (
        user_key bigint, day_n bigint, is_active boolean, session_count bigint,
        app_open_count bigint, total_session_length_seconds decimal(28, 6),
        ad_revenue_usd double, network_ad_revenue_usd double, iap_revenue_usd double
    );
    create view core.fct_user_days as from intermediate.int_user_days;
    create table intermediate.int_users (user_key bigint, device_id varchar);
    create table intermediate.int_event_loads (
        provider varchar, event_status varchar, last_loaded_at timestamp
    );
    create table core.fct_ad_spend (
        provider varchar, updated_at timestamp, loaded_at timestamp, spend_date date
    );
    create table core.fct_ad_revenue (
        provider varchar, updated_at timestamp, loaded_at timestamp, revenue_date date
    );
"""


@dataclass
class User:
    """One install; `days` maps a day N to sessions, opens and seconds of length."""

    campaign: str | None
    installed_at: datetime = datetime(2025, 1, 10, 12)
    days: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    device: str | None = "d"


def literal(value: object) -> str:
    """A value as SQL writes it: one statement of many rows is faster than many of one."""
    if value is None or isinstance(value, (bool, int)):
        return "null" if value is None else str(value).lower()
    return f"'{value}'"


@pytest.fixture(scope="module")
def quality(built: Dbt, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict]:
    """The mart of some users: campaign and month to row."""
    models = {"int_user_milestones": "intermediate", "mart_campaign_quality": "marts"}
    sql = compiled(built, models, "int_user_days")

    def run(users: list[User]) -> dict[tuple[str, int], dict]:
        folder = tmp_path_factory.mktemp("quality")
        # the SQL names the database, which is named after its file
        with duckdb.connect(str(folder / "app_sessions.duckdb")) as connection:
            connection.execute(TABLES)
            connection.execute(
                "insert into intermediate.int_event_loads values ('p', 'accepted', ?)",
                [NEWEST_LOAD],
            )
            connection.execute(
                "insert into core.dim_dates select day, date_trunc('month', day)"
                " from range(date '2024-12-01', date '2025-03-02', interval 1 day) t (day)"
            )
            for campaign in sorted({user.campaign for user in users if user.campaign}):
                connection.execute(
                    "insert into core.dim_campaigns values ('a', 'ios', ?, ?, 'n', false, true)",
                    [campaign] * 2,
                )
            rows: dict[str, list[list]] = {"fct_installs": [], "int_users": [], "int_user_days": []}
            for key, user in enumerate(users):
                rows["fct_installs"].append(
                    [
                        key,
                        "p",
                        "a",
                        "ios",
                        user.campaign,
                        "n",
                        None,
                        user.installed_at.date(),
                        user.installed_at,
                        False,
                        False,
                    ]
                )
                rows["int_users"] += [[key, user.device]] if user.days else []
                rows["int_user_days"] += [
                    [key, day, True, sessions, opens, seconds, 0, 0, 0]
                    for day, (sessions, opens, seconds) in user.days.items()
                ]
            for table, values in rows.items():
                layer = "core" if table.startswith("fct") else "intermediate"
                listed = ", ".join(f"({', '.join(map(literal, each))})" for each in values)
                connection.execute(f"insert into {layer}.{table} values {listed}")
            make(connection, sql)
            result = connection.execute("from marts.mart_campaign_quality")
            names = [column[0] for column in result.description]
            rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
        return {(row["campaign_id"], row["cohort_start_date"].month): row for row in rows}

    return run


def users(campaign: str | None, number: int, *kinds: tuple[int, dict], **other) -> list[User]:
    """So many users of a campaign an hour apart; `kinds` says how many of the first do what, the
    others are there on day 0 only."""
    found = []
    for count, days in kinds:
        found += [User(campaign, days={0: (1, 1, 60)} | days, **other) for _ in range(count)]
    found += [User(campaign, days={0: (1, 1, 60)}, **other) for _ in range(number - len(found))]
    for hour, user in enumerate(found):
        user.installed_at += timedelta(hours=hour)
    return found


BACK = {1: (1, 1, 60), 7: (1, 1, 60)}


def test_verdicts_by_hand(quality: Callable[..., dict]):
    """Of 100 organic users 40 come back on days 1 and 7: 40 %, Wilson 30.9 to 49.8 %, so half of it
    begins below 15.5 %. Needed are 4 * 1.96^2 * 0.6 / 0.4 = 23.05 users, so 30, the least. Of 100
    users of `fine` 25 are back (17.5 to 34.3 %); of `poor` 5 (2.2 to 11.2 %). Of `bots` a third
    open 50 times. `claims` has 20 users without a session (13.3 to 28.9 %), `burst` all installs in
    one hour. 29 users are too few, whatever they do."""
    made = (
        users(None, 100, (40, BACK))
        + users("fine", 100, (25, BACK))
        + users("poor", 100, (5, BACK))
        + users("bots", 99, (33, BACK | {0: (1, 50, 60)}), (10, BACK))
        + users("claims", 80, (40, BACK))
        + [User("claims", datetime(2025, 1, 12, 1) + timedelta(hours=hour)) for hour in range(20)]
        + users("few", 29)
        + users("zeroed", 50, (20, BACK), device=None)
    )
    burst = users("burst", 60, (30, BACK))
    for minute, user in enumerate(burst):
        user.installed_at = datetime(2025, 1, 20, 3, minute)
    found = quality(made + burst)
    assert {campaign: (row["verdict"], row["reasons"]) for (campaign, _), row in found.items()} == {
        "(organic)": ("organic", None),
        "fine": ("sound", None),
        "poor": (
            "weak",
            "back within a week less than half as often as organic users;"
            " D1 retention below half of organic; D7 retention below half of organic",
        ),
        "bots": ("suspicious", "more opens than organic users ever have"),
        "claims": ("suspicious", "installs without a session"),
        "few": ("too few users", None),
        "zeroed": ("suspicious", "no device id, more than twice as often as organic users"),
        "burst": ("suspicious", "a quarter or more of the installs in one hour"),
    }
    organic, fine = found["(organic)", 1], found["fine", 1]
    assert organic["missing_users"] is None and fine["missing_users"] == 0
    assert found["few", 1]["missing_users"] == 1
    assert [
        organic[f"d1_retention_rate{side}"] for side in ("", "_lower", "_upper")
    ] == pytest.approx([0.4, 0.3094, 0.4980], abs=1e-4)
    assert [fine[f"d1_retention_rate{side}"] for side in ("", "_lower", "_upper")] == pytest.approx(
        [0.25, 0.1755, 0.3430], abs=1e-4
    )
    assert fine["organic_d1_retention_rate"] == 0.4
    assert (fine["one_day_rate"], fine["returned_users"]) == (0.75, 25)
    # 100 + 25 * 2 sessions of a minute
    assert (fine["sessions_per_install"], fine["length_per_install_seconds"]) == (1.5, 90)
    assert (found["bots", 1]["app_open_count_p99"], found["bots", 1]["heavy_users"]) == (52, 33)
    assert found["claims", 1]["no_session_rate"] == 0.2
    assert found["burst", 1]["peak_hour_installs"] == 60


def test_only_users_whose_first_week_is_complete_count(quality: Callable[..., dict]):
    """Loaded until the beginning of 1 March, with three late days: complete until 25 February. Day
    7 of who installs on the 17th ends on the 25th; that of the 18th does not."""
    made = users("c", 40, (20, BACK)) + [
        User("c", datetime(2025, 2, day, 12), {0: (1, 1, 60)}) for day in (17, 17, 18)
    ]
    found = quality(made)
    assert (found["c", 1]["tracked_installs"], found["c", 1]["mature_installs"]) == (40, 40)
    assert (found["c", 2]["tracked_installs"], found["c", 2]["mature_installs"]) == (3, 2)
    assert found["c", 2]["missing_users"] == 28
    # nobody organic: no verdict, however many users
    assert (found["c", 1]["verdict"], found["c", 1]["heavy_users"]) == (
        "nothing to compare with",
        None,
    )


def test_who_was_not_there_on_day_0_is_not_retained(quality: Callable[..., dict]):
    """Two users of day 0, of whom one is back on day 1, and three who begin on day 1: 1 of 2."""
    made = users("c", 2, (1, BACK)) + [User("c", days={1: (1, 1, 60)}) for _ in range(3)]
    row = quality(made)["c", 1]
    assert (row["d0_users"], row["d1_users"], row["d1_retention_rate"]) == (2, 1, 0.5)
    assert row["returned_users"] == 4


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The 95 % interval as the two solutions of (p - x)^2 = z^2 x (1 - x) / n."""
    square = 1.96**2
    a, b, c = trials + square, -(2 * successes + square), successes**2 / trials
    root = math.sqrt(max(b * b - 4 * a * c, 0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def test_random_users_are_counted_as_in_plain_python(quality: Callable[..., dict]):
    generator = random.Random(11)
    made: list[User] = []
    for campaign, number, loyal in (
        (None, 120, 0.5),
        ("x", 90, 0.1),
        ("y", 45, 0.4),
        ("z", 70, 0.3),
    ):
        for _ in range(number):
            days = {
                day: (generator.randint(1, 3), generator.randint(3, 9), generator.randint(0, 900))
                for day in range(12)
                if generator.random() < (0.9 if day == 0 else loyal / (1 + day / 4))
            }
            at = datetime(2025, 1, 1) + timedelta(minutes=generator.randrange(30 * 24 * 60))
            made.append(User(campaign, at, days, generator.choice([None, "d", "d"])))
    found = quality(made)
    week = {id(user): [user.days[day] for day in user.days if day <= 7] for user in made}
    opens = {key: sum(day[1] for day in days) for key, days in week.items()}

    def p99(some: list[User]) -> int:
        return sorted(opens[id(user)] for user in some)[math.ceil(0.99 * len(some)) - 1]

    by_campaign = {
        campaign: [user for user in made if user.campaign == campaign]
        for campaign in (None, "x", "y", "z")
    }
    medians = {
        column: statistics.median(
            sum(day[place] for user in by_campaign[campaign] for day in week[id(user)])
            / len(by_campaign[campaign])
            for campaign in ("x", "y", "z")
        )
        for place, column in ((0, "sessions_per_install"), (2, "length_per_install_seconds"))
    }
    for campaign, some in by_campaign.items():
        row = found[campaign or "(organic)", 1]
        d0 = sum(0 in user.days for user in some)
        d1, d7 = (sum(0 in user.days and day in user.days for user in some) for day in (1, 7))
        back = sum(any(0 < day <= 7 for day in user.days) for user in some)
        hours: dict[tuple, int] = {}
        for user in some:
            hour = (user.installed_at.date(), user.installed_at.hour)
            hours[hour] = hours.get(hour, 0) + 1
        wanted = {
            "mature_installs": len(some),
            "no_session_users": sum(not week[id(user)] for user in some),
            "d0_users": d0,
            "d1_users": d1,
            "d7_users": d7,
            "returned_users": back,
            "heavy_users": sum(opens[id(user)] > p99(by_campaign[None]) for user in some),
            "app_open_count_p99": p99(some),
            "organic_app_open_count_p99": p99(by_campaign[None]),
            "users_without_device_id": sum(user.device is None for user in some if week[id(user)]),
            "peak_hour_installs": max(hours.values()),
            "d1_retention_rate_lower": wilson(d1, d0)[0],
            "d1_retention_rate_upper": wilson(d1, d0)[1],
            "d7_retention_rate_lower": wilson(d7, d0)[0],
            "one_day_rate_upper": wilson(len(some) - back, len(some))[1],
            "paid_median_sessions_per_install": medians["sessions_per_install"],
            "paid_median_length_per_install_seconds": medians["length_per_install_seconds"],
        }
        assert {name: row[name] for name in wanted} == pytest.approx(wanted, abs=2e-6), campaign
    assert found["x", 1]["verdict"] == "weak"


def test_a_mean_is_low_if_its_interval_is(quality: Callable[..., dict]):
    """Three campaigns have 4 sessions of a minute per install. Of the 40 users of `low` half have
    one and half two: at most 1.5 + 1.96 * 0.5 / sqrt(40) = 1.65, below half of 4. Of `wide` most
    have one and four have 8: 1.7, with a deviation of 2.1 at most 2.35. Both have 6 minutes."""
    back = {1: (0, 1, 0), 7: (0, 1, 0)}
    made = users(None, 60, (30, {0: (4, 9, 240)} | back), (30, {0: (4, 9, 240)}))
    for campaign in ("a", "b", "c"):
        made += users(campaign, 40, (20, {0: (4, 4, 240)} | back), (20, {0: (4, 4, 240)}))
    made += users("low", 40, (20, {0: (2, 2, 360)} | back), (20, {0: (1, 1, 360)}))
    made += users(
        "wide", 40, (20, {0: (1, 1, 360)} | back), (4, {0: (8, 8, 360)}), (16, {0: (1, 1, 360)})
    )
    found = quality(made)
    assert found["low", 1]["reasons"] == "sessions per install below half of the paid median"
    assert found["low", 1]["verdict"] == "weak"
    assert found["low", 1]["paid_median_sessions_per_install"] == 4
    assert {found[campaign, 1]["verdict"] for campaign in ("a", "wide")} == {"sound"}
