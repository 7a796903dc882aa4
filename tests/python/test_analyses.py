"""Each of `analyses/` runs as it is; the definition of a session in plain SQL is that of
`fct_sessions`, and answers about money are those worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from dbt_harness import PROJECT_DIR, Dbt
from pipeline import Pipeline
from streams import random_stream

RULE = "session_rule_in_plain_sql"
COLUMNS = "user_key, started_at, ended_at, start_reason"
DATES = {"install_date", "spend_date", "date_day"}
QUESTIONS = sorted(path.stem for path in (PROJECT_DIR / "analyses").glob("*.sql"))


def sessions_that_differ(dbt: Dbt) -> tuple[int, list[tuple]]:
    """How many sessions there are by the plain rule, and those that only it or the fact has."""
    dbt("compile", "--select", RULE)
    (compiled,) = (dbt.target_path / "compiled").rglob(f"{RULE}.sql")
    rule, fact = compiled.read_text(), f"select {COLUMNS} from core.fct_sessions"
    count = dbt.query(f"select count(*) from ({rule})")[0][0]
    differing = dbt.query(
        f"select 'by the rule only' as side, * from"
        f" (select {COLUMNS} from ({rule}) except all {fact})"
        f" union all select 'in fct_sessions only', * from"
        f" ({fact} except all select {COLUMNS} from ({rule})) order by all limit 20"
    )
    return count, differing


def test_plain_rule_gives_the_sessions_of_the_sample(built: Dbt):
    count, differing = sessions_that_differ(built)
    assert count > 1000
    assert differing == []


def test_plain_rule_gives_the_sessions_of_random_streams(tmp_path: Path):
    # hostile times: ties, gaps around the timeout, opens and closes at one instant
    pipeline = Pipeline(tmp_path, select=["+fct_sessions"])
    pipeline.load(row for seed in range(12000, 12150) for row in random_stream(seed))
    reasons = dict(
        pipeline.query("select start_reason, count(*) from core.fct_sessions group by start_reason")
    )
    assert min(reasons[reason] for reason in ("first", "timeout", "reopen")) > 50, reasons
    count, differing = sessions_that_differ(pipeline.dbt)
    assert count == sum(reasons.values())
    assert differing == []


@pytest.fixture(scope="module")
def compiled(built: Dbt) -> dict[str, str]:
    """The SQL of each analysis, as dbt compiles it on the sample."""
    built("compile", "--select", "resource_type:analysis")
    found = {
        path.stem: path.read_text()
        for path in (built.target_path / "compiled").rglob("analyses/*.sql")
    }
    assert sorted(found) == QUESTIONS
    return found


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_question_has_an_answer_on_the_sample(
    built: Dbt, compiled: dict[str, str], name: str
):
    with duckdb.connect(str(built.database), read_only=True) as connection:
        result = connection.execute(compiled[name])
        columns = [column[0] for column in result.description]
        rows = result.fetchall()
    assert rows
    # no column is null all the way down
    empty = {
        column
        for column, values in zip(columns, zip(*rows, strict=True), strict=True)
        if all(value is None for value in values)
    }
    # no channel of the sample has earned its cost by day 30
    assert empty == ({"payback_day"} if name == "payback_day_by_channel" else set())


def answers(folder: Path, sql: str, tables: dict[str, list[dict]]) -> list[dict]:
    """What a question says of tables that were made by hand."""
    # views and queries name the database, which is named after its file
    with duckdb.connect(str(folder / "app_sessions.duckdb")) as connection:
        for schema in ("core", "intermediate", "marts"):
            connection.execute(f"create schema {schema}")
        for name, rows in tables.items():
            table = name if "." in name else f"marts.{name}"
            columns = {
                column: "date"
                if column in DATES
                else "varchar"
                if value is None or isinstance(value, str)
                else "boolean"
                if isinstance(value, bool)
                else "decimal(28, 6)"
                if isinstance(value, Decimal)
                else "bigint"
                for column, value in rows[0].items()
            }
            listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
            connection.execute(f"create table {table} ({listed})")
            marks = ", ".join("?" * len(columns))
            connection.executemany(
                f"insert into {table} values ({marks})", [list(row.values()) for row in rows]
            )
        result = connection.execute(sql)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def campaign(campaign_id: str, install_date: str, **columns: object) -> dict:
    """Day 7 of a campaign's date."""
    return {
        "app_id": "a",
        "platform": "ios",
        "channel": "n",
        "campaign_id": campaign_id,
        "install_date": install_date,
        "day_n": 7,
        "is_revenue_mature": True,
        "spend": Decimal(0),
        "cumulative_app_open_count": 0,
        "cumulative_ad_revenue": Decimal(0),
        "cumulative_iap_revenue": Decimal(0),
    } | columns


def test_a_campaign_earns_its_cost_by_hand(tmp_path: Path, compiled: dict[str, str]):
    """Campaign c: 60 + 40 spent, 400 + 100 opens, 100 + 50 earned: 1,000 opens cost 200 and earn
    300. Its third date is not complete, and another day N is another question. `in vain` bought
    nobody; organic users were not bought."""
    found = answers(
        tmp_path,
        compiled["campaigns_that_earn_what_their_sessions_cost"],
        {
            "mart_campaigns_n_day": [
                campaign(
                    "c",
                    "2025-01-01",
                    spend=Decimal(60),
                    cumulative_app_open_count=400,
                    cumulative_ad_revenue=Decimal(30),
                    cumulative_iap_revenue=Decimal(70),
                ),
                campaign(
                    "c",
                    "2025-01-02",
                    spend=Decimal(40),
                    cumulative_app_open_count=100,
                    cumulative_ad_revenue=Decimal(20),
                    cumulative_iap_revenue=Decimal(30),
                ),
                campaign(
                    "c",
                    "2025-01-03",
                    is_revenue_mature=False,
                    spend=Decimal(99),
                    cumulative_app_open_count=9,
                    cumulative_ad_revenue=None,
                    cumulative_iap_revenue=None,
                ),
                campaign("c", "2025-01-01", day_n=0, spend=Decimal(60)),
                campaign("in vain", "2025-01-01", spend=Decimal(50)),
                campaign("(organic)", "2025-01-01", spend=None, cumulative_app_open_count=7),
            ]
        },
    )
    assert [
        [
            row["campaign_id"],
            row["spend"],
            row["cost_per_1000_opens"],
            row["revenue_per_1000_opens"],
            row["roas"],
            row["earns_its_cost"],
        ]
        for row in found
    ] == [["c", 100, 200, 300, 1.5, True], ["in vain", 50, None, None, 0, False]]


def test_the_day_of_payback_by_hand(tmp_path: Path, compiled: dict[str, str]):
    """100 spent on c, 50 in vain: 150 of the channel are earned by day 14, not by day 13, of which
    c's second cohort, of inferred installs, has a part. The date that is not complete on day 30
    counts on neither side."""
    bought = [
        campaign("c", "2025-01-01", day_n=30, spend=Decimal(100)),
        campaign("in vain", "2025-01-01", day_n=30, spend=Decimal(50)),
        campaign("c", "2025-01-02", day_n=30, spend=None, is_revenue_mature=False),
    ]
    curve = [
        campaign("c", install_date, day_n=day_n, cumulative_iap_revenue=Decimal(revenue))
        for install_date, revenues in (
            ("2025-01-01", {0: 10, 13: 89, 14: 90, 30: 100}),
            ("2025-01-01", {0: 0, 13: 60, 14: 60, 30: 65}),
            ("2025-01-02", {0: 1000, 13: 1000}),
        )
        for day_n, revenue in revenues.items()
    ]
    (found,) = answers(
        tmp_path,
        compiled["payback_day_by_channel"],
        {"mart_campaigns_n_day": bought, "mart_cohorts_n_day": curve},
    )
    assert found == {
        "channel": "n",
        "spend": 150,
        "revenue": 165,
        "roas": 1.1,
        "last_day_n": 30,
        "payback_day": 14,
    }


def line(campaign_id: str, spend: int, published_at: str, **columns: object) -> dict:
    """A line of a spend feed on 1 January."""
    return {
        "provider": "p",
        "app_id": "a",
        "platform": "ios",
        "channel": "n",
        "campaign_id": campaign_id,
        "country": None,
        "campaign_label": None,
        "campaign_name": None,
        "currency": "USD",
        "spend": Decimal(spend),
        "spend_usd": Decimal(spend),
        "impressions": None,
        "clicks": None,
        "reported_installs": None,
        "spend_date": "2025-01-01",
        "updated_at": published_at,
        "published_at": published_at,
        "loaded_at": published_at,
        "undated_publication": None,
        "file_name": "f",
        "rejection_reason": None,
        "is_superseded": False,
    } | columns


def test_restated_spend_changes_places_by_hand(tmp_path: Path, compiled: dict[str, str]):
    """Up: 60 + 40 at first, the 40 said again by a later load, then 50; it earns 60. Down: 100,
    never restated, earns 80. At first down is before up, 80 % to 60 %; now up has 120 %. A refused
    line is nothing."""
    earned = {"spend": Decimal(50), "cumulative_ad_revenue": Decimal(60)}
    found = answers(
        tmp_path,
        compiled["spend_restatements_and_the_ranking"],
        {
            "intermediate.int_ad_spend": [
                line("up", 60, "2025-01-02", is_superseded=True),
                line("up", 40, "2025-01-02", is_superseded=True),
                line("up", 40, "2025-01-02", is_superseded=True, loaded_at="2025-01-03"),
                line("up", 50, "2025-01-05"),
                line("down", 100, "2025-01-02"),
                line("down", 900, "2025-01-01", rejection_reason="unknown_currency"),
            ],
            "intermediate.int_campaign_channels": [
                {
                    "app_id": "a",
                    "platform": "ios",
                    "campaign_id": name,
                    "campaign_group_id": name,
                    "channel": "n",
                    "is_organic": False,
                    "named_channel": named,
                }
                for name in ("up", "down")
                for named in ("n", "")
            ],
            "core.dim_dates": [{"date_day": "2025-01-01", "reporting_units_per_usd": Decimal(1)}],
            "mart_campaigns_n_day": [
                campaign("up", "2025-01-01", **earned),
                campaign(
                    "down",
                    "2025-01-01",
                    spend=Decimal(100),
                    cumulative_ad_revenue=Decimal(80),
                ),
                # whose spend may still change does not count
                campaign("up", "2025-01-02", is_revenue_mature=False, **earned),
            ],
        },
    )
    assert {
        row["campaign_id"]: [row["first_spend"], row["spend"], row["first_place"], row["place"]]
        for row in found
    } == {"up": [100, 50, 2, 1], "down": [100, 100, 1, 2]}
    assert {row["campaign_id"]: row["restated_rate"] for row in found} == {"up": -0.5, "down": 0}
    assert {row["campaign_id"]: row["places_gained"] for row in found} == {"up": 1, "down": -1}
