"""MetricFlow's answers are the marts', cell by cell. `make test-metrics` provides MetricFlow."""

from __future__ import annotations

import csv
import datetime as dt
import importlib.util
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt_harness import PROJECT_DIR, Dbt

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("metricflow") is None,
    reason="no MetricFlow: `make test-metrics` installs it",
)
APP = {"app__app_id": "app_id", "app__platform": "platform"}
DAY = {"metric_time__day": "activity_date"}


def campaign(entity: str, date: str, *names: str) -> dict[str, str]:
    """How metrics of campaigns and cohorts are cut like the mart's rows."""
    cut = {f"{entity}__{name}": name for name in ("channel", "campaign_id", *names)}
    return APP | {"metric_time__day": date} | cut


ENGAGEMENT = (
    "new_users",
    "resurrected_users",
    "churned_users",
    "ad_revenue",
    "iap_revenue",
    "stickiness",
    "sessions_per_user",
    "impressions_per_user",
    "arpdau",
    "revenue_per_session",
)
# by mart: how its rows are cut in MetricFlow's names, and which metric is which column
MARTS: list[tuple[str, dict[str, str], dict[str, str]]] = [
    (
        "mart_daily_engagement",
        APP | DAY,
        {name: name for name in ENGAGEMENT}
        | {"installs": "install_count", "reinstalls": "reinstall_count", "dau": "dau"},
    ),
    (
        "mart_campaigns_daily",
        campaign("campaign_day", "campaign_date"),
        {
            name: name
            for name in (
                "spend",
                "tracked_installs",
                "reported_installs",
                "campaign_impressions",
                "campaign_clicks",
                "click_through_rate",
                "click_to_install_rate",
                "cpi",
            )
        },
    ),
    (
        "mart_campaigns_n_day",
        campaign("campaign_cohort", "install_date", "day_n"),
        {
            "cost_per_retained_user": "cost_per_retained_user",
            "campaign_ltv": "ltv",
            "ad_ltv": "ad_ltv",
            "iap_ltv": "iap_ltv",
            "roas": "roas",
            "roi": "roi",
        },
    ),
    (
        "mart_cpm_n_day",
        campaign("campaign_cohort", "install_date", "day_n"),
        {
            "cpm_n_day_sessions": "cpm_n_day_sessions",
            "cpm_cumulative_n_day_sessions": "cpm_cumulative_n_day_sessions",
        },
    ),
    (
        "mart_cohorts_n_day",
        campaign("cohort_day", "install_date", "is_install_inferred", "day_n"),
        {
            name: name
            for name in (
                "retention_rate",
                "rolling_retention_rate",
                "bracket_retention_rate",
                "ltv",
                "d0_users",
            )
        },
    ),
    (
        "mart_cohorts_by_country_n_day",
        APP
        | {"metric_time__day": "install_date"}
        | {
            f"country_cohort_day__{name}": name
            for name in ("install_country", "install_app_version", "day_n")
        },
        {"country_retention_rate": "retention_rate", "country_ltv": "ltv"},
    ),
    (
        "mart_campaign_quality",
        APP
        | {"metric_time__month": "cohort_start_date"}
        | {f"campaign_month__{name}": name for name in ("channel", "campaign_id")},
        {
            name: name
            for name in (
                "no_session_rate",
                "one_day_rate",
                "sessions_per_install",
                "length_per_install_seconds",
                "heavy_user_rate",
                "without_device_id_rate",
            )
        },
    ),
    (
        "mart_ltv_predictions",
        campaign("ltv_prediction", "install_date", "horizon_day_n"),
        {"predicted_ltv": "predicted_ltv", "predicted_roas": "predicted_roas"},
    ),
    (
        "mart_ltv_predictions_by_country",
        campaign("country_ltv_prediction", "install_date", "install_country", "horizon_day_n"),
        {"country_predicted_ltv": "predicted_ltv"},
    ),
    (
        "mart_session_forecast",
        {"session_forecast__app_id": "app_id", "metric_time__day": "forecast_date"},
        {
            "predicted_sessions": "predicted_session_count",
            "predicted_dau": "predicted_dau",
            "predicted_ad_revenue": "predicted_ad_revenue",
        },
    ),
]

N_DAY = "sum({0}) filter (where day_n = {2}) / nullif(sum({1}) filter (where day_n = {2}), 0)"
CPM = (
    "1000 * sum(spend) filter (where day_n = {0})"
    " / nullif(sum(app_open_count) filter (where day_n = {0} and spend is not null), 0)"
)
ROAS = (
    "sum(cumulative_ad_revenue + cumulative_iap_revenue) filter (where {1})"
    " / nullif(sum(spend) filter (where {1}), 0)"
).replace("{1}", "day_n = {0} and is_revenue_mature and spend is not null")
# the saved queries, by hand
QUESTIONS = {
    "daily_engagement": """
        select activity_date, sum(dau), sum(new_users), sum(session_count), sum(app_open_count),
            sum(session_count) / nullif(sum(dau), 0),
            sum(dau) filter (where mau is not null) / nullif(sum(mau), 0)
        from marts.mart_daily_engagement group by all
    """,
    "revenue_by_day": """
        select activity_date, sum(ad_revenue), sum(iap_revenue),
            sum(ad_revenue + iap_revenue) / nullif(sum(dau), 0),
            sum(ad_revenue + iap_revenue) / nullif(sum(session_count), 0)
        from marts.mart_daily_engagement where is_complete group by all
    """,
    "users_by_week": """
        select week_start_date, sum(dau) / count(distinct activity_date), sum(new_users),
            sum(resurrected_users), sum(churned_users)
        from marts.mart_daily_engagement
        join core.dim_dates on date_day = activity_date
        where is_complete group by all
    """,
    "session_length_by_country": """
        select country, app_version,
            avg(session_length_seconds) filter (where is_measured), avg(session_interval_seconds),
            count(*) filter (where not is_measured) / count(*)
        from core.fct_sessions group by all
    """,
    "sessions_by_channel": """
        select channel, sum(cumulative_session_count) / nullif(sum(d0_users), 0)
        from marts.mart_cohorts_n_day where day_n = 6 group by all
    """,
    "retention_by_channel": f"""
        select channel, {N_DAY.format("active_users", "d0_users", 1)},
            {N_DAY.format("active_users", "d0_users", 7)},
            {N_DAY.format("active_users", "d0_users", 30)}
        from marts.mart_cohorts_n_day group by all
    """,
    "retention_by_country": f"""
        select install_country, {N_DAY.format("active_users", "d0_users", 1)},
            {N_DAY.format("active_users", "d0_users", 7)},
            {N_DAY.format("active_users", "d0_users", 30)}
        from marts.mart_cohorts_by_country_n_day group by all
    """,
    "retention_by_day": """
        select day_n, sum(active_users) / nullif(sum(d0_users), 0),
            sum(rolling_users) / nullif(sum(d0_users), 0),
            sum(cumulative_ad_revenue + cumulative_iap_revenue) filter (where is_revenue_mature)
            / nullif(sum(d0_users) filter (where is_revenue_mature), 0)
        from marts.mart_cohorts_n_day where day_n <= 30 group by all
    """,
    "cpi_by_campaign": """
        select channel, campaign_id, sum(spend), sum(reported_installs), sum(tracked_installs),
            sum(campaign_clicks) filter (where campaign_impressions is not null)
            / nullif(sum(campaign_impressions) filter (where campaign_clicks is not null), 0),
            sum(spend) filter (where reported_installs is not null)
            / nullif(sum(reported_installs) filter (where spend is not null), 0),
            sum(spend) filter (where is_complete)
            / nullif(sum(tracked_installs) filter (where is_complete and spend is not null), 0)
        from marts.mart_campaigns_daily group by all
    """,
    "cpm_by_channel": f"""
        select channel, {CPM.format(0)}, {CPM.format(7)}, {CPM.format(30)}
        from marts.mart_cpm_n_day group by all
    """,
    "roas_by_campaign": f"""
        select channel, campaign_id, {ROAS.format(7)}, {ROAS.format(30)}
        from marts.mart_campaigns_n_day group by all
    """,
    "quality_by_campaign": """
        select channel, campaign_id, sum(mature_installs),
            sum(no_session_users) / nullif(sum(mature_installs), 0),
            sum(mature_installs - returned_users) / nullif(sum(mature_installs), 0),
            sum(session_count) / nullif(sum(mature_installs), 0)
        from marts.mart_campaign_quality group by all
    """,
    "predicted_ltv_by_channel": """
        select channel, horizon_day_n,
            sum(predicted_revenue)
            / nullif(sum(d0_users) filter (where predicted_revenue is not null), 0),
            sum(predicted_revenue) filter (where spend is not null)
            / nullif(sum(spend) filter (where predicted_revenue is not null), 0)
        from marts.mart_ltv_predictions group by all
    """,
    "sessions_to_come": """
        select forecast_date, sum(predicted_session_count), sum(predicted_dau),
            sum(predicted_ad_revenue), count(*) filter (where predicted_session_count is null)
        from marts.mart_session_forecast group by all
    """,
}


class MetricFlow:
    """MetricFlow's engine over a built database: it writes the SQL, DuckDB runs it."""

    def __init__(self, built: Dbt, folder: Path) -> None:
        from dbt.contracts.graph.semantic_manifest import SemanticManifest
        from metricflow.engine.metricflow_engine import MetricFlowEngine
        from metricflow.protocols.sql_client import SqlEngine
        from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer
        from metricflow_semantics.model.dbt_manifest_parser import (
            parse_manifest_from_dbt_generated_manifest,
        )
        from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

        class Client:
            """What the engine asks of a database before it writes SQL."""

            sql_engine_type = SqlEngine.DUCKDB
            sql_plan_renderer = DuckDbSqlPlanRenderer()

        dbt = Dbt(folder)
        written = folder / "semantic_manifest.json"
        SemanticManifest(dbt("parse").output).write_json_to_file(str(written))
        text = written.read_text()
        self.manifest = json.loads(text)
        self.built = built
        self.engine = MetricFlowEngine(
            semantic_manifest_lookup=SemanticManifestLookup(
                parse_manifest_from_dbt_generated_manifest(text)
            ),
            sql_client=Client(),
        )

    def __call__(
        self, metrics: Iterable[str], cut: Iterable[str] = (), where: str | None = None
    ) -> list[tuple]:
        """Rows of a query: what it is cut by, then the metrics."""
        return self._rows(
            [*cut, *metrics],
            metric_names=list(metrics),
            group_by_names=list(cut),
            where_constraints=[where] if where else None,
        )

    def saved(self, name: str) -> tuple[list[str], list[tuple]]:
        """What a saved query is cut by, and its rows."""
        (query,) = (each for each in self.manifest["saved_queries"] if each["name"] == name)
        asked = query["query_params"]
        # TimeDimension('metric_time', 'day') is metric_time__day
        cut = ["__".join(re.findall(r"'(\w+)'", each)) for each in asked["group_by"]]
        return cut, self._rows([*cut, *asked["metrics"]], saved_query_name=name)

    def _rows(self, columns: list[str], **request: Any) -> list[tuple]:
        # MetricFlow has columns in an order of its own
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

        explained = self.engine.explain(MetricFlowQueryRequest.create(**request))
        sql = explained.sql_statement.without_descriptions.sql
        return self.built.query(f"select {', '.join(columns)} from ({sql})")


@pytest.fixture(scope="module")
def metricflow(built: Dbt, tmp_path_factory: pytest.TempPathFactory) -> MetricFlow:
    """MetricFlow over the sample."""
    return MetricFlow(built, tmp_path_factory.mktemp("metricflow"))


def plain(value: Any) -> Any:
    """A cell as both sides have it: dates without a time, numbers as floats."""
    if isinstance(value, dt.datetime):
        return value.date()
    if value is None or isinstance(value, (str, bool, dt.date)):
        return value
    return float(value)


def by_key(rows: Iterable[tuple], keys: int) -> dict[tuple, tuple]:
    """Rows by their first columns."""
    rows = [tuple(map(plain, row)) for row in rows]
    found = {row[:keys]: row[keys:] for row in rows}
    assert len(found) == len(rows)
    return found


def assert_equal_cells(found: dict[tuple, tuple], expected: dict[tuple, tuple]) -> int:
    """Same rows, same numbers, same nulls; gives how many cells that were."""
    assert found.keys() == expected.keys()
    wrong = [
        (key, number, mine, theirs)
        for key in expected
        for number, (mine, theirs) in enumerate(zip(found[key], expected[key], strict=True))
        if (mine is None) != (theirs is None)
        or (mine is not None and not math.isclose(mine, theirs, rel_tol=1e-9, abs_tol=1e-9))
    ]
    assert not wrong, wrong[:5]
    return sum(map(len, expected.values()))


@pytest.mark.parametrize(("mart", "cut", "metrics"), MARTS, ids=[mart for mart, *_ in MARTS])
def test_every_cell_of_a_mart_is_what_metricflow_says(
    metricflow: MetricFlow, built: Dbt, mart: str, cut: dict[str, str], metrics: dict[str, str]
):
    found = by_key(metricflow(metrics, cut), len(cut))
    columns = ", ".join([*cut.values(), *metrics.values()])
    expected = by_key(built.query(f"select {columns} from marts.{mart}"), len(cut))
    assert assert_equal_cells(found, expected) > 100


def test_sessions_and_users_counted_from_facts_are_those_of_the_mart(
    metricflow: MetricFlow, built: Dbt
):
    metrics = {
        "active_users": "dau",
        "sessions": "session_count",
        "app_opens": "app_open_count",
        "ad_impressions": "ad_impression_count",
        "sessions_per_active_user": "sessions_per_user",
        "average_session_length_seconds": "average_session_length_seconds",
        "average_session_interval_seconds": "average_session_interval_seconds",
        "unmeasured_session_rate": "unmeasured_session_rate",
        "single_event_session_rate": "single_event_session_rate",
    }
    found = by_key(metricflow(metrics, [*APP, *DAY]), 3)
    # a day without users has no row, where the mart has zeros
    expected = by_key(
        built.query(f"""
            select app_id, platform, activity_date,
                dau, nullif(session_count, 0), {", ".join(list(metrics.values())[2:])}
            from marts.mart_daily_engagement where dau > 0
        """),
        3,
    )
    assert assert_equal_cells(found, expected) > 1_000


def test_windows_are_those_of_the_mart_where_it_knows_them(metricflow: MetricFlow, built: Dbt):
    found = by_key(metricflow(["wau", "mau"], [*APP, *DAY]), 3)
    compared = 0
    for *key, wau, mau in built.query(
        "select app_id, platform, activity_date, wau, mau from marts.mart_daily_engagement"
    ):
        mine = found.get(tuple(key), (None, None))
        for window, theirs in zip(mine, (wau, mau), strict=True):
            if theirs:
                assert window == theirs, key
                compared += 1
    assert compared > 200
    # MetricFlow also counts windows that reach back before the first date
    first = min(day for *_, day in found)
    assert [mau for (*_, day), (_, mau) in found.items() if day == first and mau]


def test_there_is_a_question_by_hand_for_each_saved_query(metricflow: MetricFlow):
    saved = {query["name"] for query in metricflow.manifest["saved_queries"]}
    assert saved == set(QUESTIONS)
    assert len(saved) >= 10


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_answered_as_by_hand(metricflow: MetricFlow, built: Dbt, name: str):
    cut, rows = metricflow.saved(name)
    expected = by_key(built.query(QUESTIONS[name]), len(cut))
    assert assert_equal_cells(by_key(rows, len(cut)), expected) > 5


def test_days_n_are_never_mixed(metricflow: MetricFlow):
    for metric in ("retention_rate", "ltv", "cpm_n_day_sessions", "cost_per_retained_user", "roas"):
        assert {row[-1] for row in metricflow([metric], APP)} == {None}
    one = metricflow(
        ["retention_rate", "retention_rate_d7"], where="{{ Dimension('cohort_day__day_n') }} = 7"
    )
    assert one[0][0] == one[0][1] is not None


def test_users_of_dates_are_never_summed(metricflow: MetricFlow):
    for metric in ("dau", "predicted_dau"):
        assert {row[-1] for row in metricflow([metric], ["metric_time__year"])} == {None}


def test_users_are_cut_by_their_install(metricflow: MetricFlow, built: Dbt):
    metrics = ["active_users", "sessions", "app_opens", "sessions_per_active_user"]
    found = by_key(metricflow(metrics, ["user__channel", "user__install_country"]), 2)
    expected = built.query("""
        select channel, install_country, nullif(count(*) filter (where active_days > 0), 0),
            nullif(sum(session_count), 0), sum(app_open_count),
            sum(session_count) / nullif(count(*) filter (where active_days > 0), 0)
        from marts.mart_users group by all
    """)
    assert assert_equal_cells(found, by_key(expected, 2)) > 100


def test_every_metric_and_measure_is_described(metricflow: MetricFlow):
    described = metricflow.manifest["metrics"] + metricflow.manifest["semantic_models"]
    described += metricflow.manifest["saved_queries"]
    assert not [thing["name"] for thing in described if not (thing["description"] or "").strip()]
    names = [
        yaml.safe_load(path.read_text()) for path in PROJECT_DIR.glob("models/semantic/**/*.yml")
    ]
    assert sum(len(content.get("metrics", [])) for content in names) >= 40


def test_the_command_line_says_the_same(metricflow: MetricFlow, built: Dbt, tmp_path: Path):
    environment = {
        **os.environ,
        "DUCKDB_PATH": str(built.database),
        "DUCKDB_ACCESS_MODE": "read_only",
        "DBT_PROFILES_DIR": str(PROJECT_DIR),
        "DBT_PROJECT_DIR": str(PROJECT_DIR),
        "DBT_LOG_PATH": str(tmp_path),
    }
    answered = tmp_path / "answer.csv"
    script = str(PROJECT_DIR / "ops" / "tools" / "metrics.py")
    for words in (["cpm_by_channel", "--csv", str(answered)], [], ["list", "metrics"]):
        finished = subprocess.run(
            [sys.executable, script, *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "cpm_cumulative_n_day_sessions" in finished.stdout
    with answered.open() as lines:
        channel, *numbers = next(reader := csv.reader(lines))
        rows = {
            (row[0] or None,): tuple(float(cell) if cell else None for cell in row[1:])
            for row in reader
        }
    assert (channel, len(numbers)) == ("campaign_cohort__channel", 3)
    expected = by_key(built.query(QUESTIONS["cpm_by_channel"]), 1)
    assert_equal_cells(rows, expected)
