"""Superset itself: it imports the dashboard of this folder, and its charts show the marts' numbers.

Superset has an environment of its own (`make test-superset`), without dbt; the sample is built and
published before. Expected numbers are the marts' own columns where a chart shows such a cell, and
sums over sums written out here where it does not.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

if importlib.util.find_spec("superset") is None:
    pytest.skip(
        "Superset has an environment of its own: make test-superset", allow_module_level=True
    )

BUNDLE = Path(__file__).parents[1] / "bundle.py"
PUBLISHED = Path(os.environ.get("APP_SESSIONS_DB", "published/app_sessions.duckdb")).resolve()
APP, APPS = "coalesce(app_name, app_id)", "left join core.dim_apps using (app_id, platform)"
CONFIG = """
SECRET_KEY = "of a test, and long enough for its tokens"
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/superset.db"
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A user who is logged in to a Superset that has imported the dashboard, as docs/bi.md says."""
    folder = tmp_path_factory.mktemp("superset")
    (folder / "superset_config.py").write_text(CONFIG.format(folder=folder))
    os.environ["SUPERSET_CONFIG_PATH"] = str(folder / "superset_config.py")
    os.environ["SUPERSET_HOME"] = str(folder)
    os.environ["FLASK_APP"] = "superset.app:create_app()"
    archive = folder / "app_sessions.zip"
    subprocess.run([sys.executable, BUNDLE, PUBLISHED, archive], check=True)
    name = ["--username", "admin", "--firstname", "A", "--lastname", "B", "--email", "a@b.example"]
    for command in (
        ["db", "upgrade"],
        ["fab", "create-admin", *name, "--password", "admin"],
        ["init"],
        ["import-dashboards", "--path", str(archive), "--username", "admin"],
    ):
        done = subprocess.run(
            [Path(sys.executable).with_name("superset"), *command], capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    from superset.app import create_app

    app = create_app()
    with app.test_client() as client:
        login = {"username": "admin", "password": "admin", "provider": "db", "refresh": False}
        token = client.post("/api/v1/security/login", json=login).json["access_token"]
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        yield client


@pytest.fixture(scope="module")
def charts(client: Any) -> dict[str, int]:
    """Name and id of each chart of the dashboard."""
    found = client.get("/api/v1/dashboard/app_sessions/charts").json["result"]
    return {chart["slice_name"]: chart["id"] for chart in found}


def shown(client: Any, chart: int) -> list[dict[str, Any]]:
    """The rows of a chart, from Superset's data API."""
    answer = client.get(f"/api/v1/chart/{chart}/data/?force=true")
    assert answer.status_code == 200, answer.json
    (result,) = answer.json["result"]
    return result["data"]


def marts(sql: str) -> list[tuple]:
    """Rows of the published file."""
    with duckdb.connect(str(PUBLISHED), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def day(value: Any) -> Any:
    """A date of the data API, which comes in milliseconds."""
    return None if value is None else datetime.fromtimestamp(value / 1000, UTC).date()


def rounded(rows: list[tuple]) -> list[tuple]:
    """Numbers to nine digits, in an order of their own."""
    return sorted(
        (
            tuple(
                round(float(cell), 9)
                if cell is not None and not isinstance(cell, str) and hasattr(cell, "__float__")
                else cell
                for cell in row
            )
            for row in rows
        ),
        key=repr,
    )


def test_all_charts_are_on_the_dashboard(client: Any, charts: dict[str, int]):
    assert len(charts) == 7
    for name, number in charts.items():
        assert shown(client, number), name


def test_daily_active_users_are_those_of_the_mart(client: Any, charts: dict[str, int]):
    rows = shown(client, charts["Daily active users by app"])
    expected = marts(
        f"select activity_date, {APP}, sum(dau) from marts.mart_daily_engagement {APPS}"
        " where is_complete group by all"
    )
    assert rounded([(day(r["activity_date"]), r["app_name"], r["dau"]) for r in rows]) == rounded(
        expected
    )


def test_cpm_is_a_ratio_of_sums_over_rows_with_spend(client: Any, charts: dict[str, int]):
    rows = shown(client, charts["Cost of 1,000 day-7 sessions by campaign"])
    expected = marts(
        "select channel, coalesce(campaign_name, campaign_id), sum(spend),"
        " 1000 * sum(spend) / nullif(sum(app_open_count), 0)"
        " from marts.mart_cpm_n_day left join core.dim_campaigns"
        " using (app_id, platform, channel, campaign_id)"
        " where day_n = 7 and spend is not null group by all"
    )
    names = ("channel", "campaign_name", "total_spend", "cpm_n_day_sessions")
    assert rounded([tuple(r[name] for name in names) for r in rows]) == rounded(expected)
    assert len(expected) > 3


def test_the_curve_of_retention_is_of_the_same_users_at_each_day(
    client: Any, charts: dict[str, int]
):
    rows = shown(client, charts["Retention by day since install"])
    expected = marts(
        f"select day_n, {APP}, sum(active_users) / nullif(sum(d0_users), 0)"
        f" from marts.mart_cohorts_n_day {APPS} where day_n <= 30 and install_date <= (select"
        " max(install_date) from marts.mart_cohorts_n_day where day_n = 30 and is_mature)"
        " group by all"
    )
    assert rounded([(r["day_n"], r["app_name"], r["retention_rate"]) for r in rows]) == rounded(
        expected
    )
    assert {row[2] for row in expected if row[0] == 0} == {1}


def test_ltv_and_roas_are_of_revenue_that_is_mature(client: Any, charts: dict[str, int]):
    mature = (
        f" from marts.mart_campaigns_n_day {APPS} where is_revenue_mature and day_n <= 30"
        " and install_date <= (select max(install_date) from marts.mart_campaigns_n_day"
        " where day_n = 30 and is_revenue_mature)"
    )
    revenue = "sum(cumulative_ad_revenue + cumulative_iap_revenue)"
    ltv = shown(client, charts["Revenue per user by day since install"])
    assert rounded([(r["day_n"], r["app_name"], r["ltv"]) for r in ltv]) == rounded(
        marts(
            f"select day_n, {APP}, {revenue} / sum(d0_users){mature}"
            " and ltv is not null group by all"
        )
    )
    # spend that brought nobody is in the return
    roas = shown(client, charts["Return on ad spend by day since install"])
    assert rounded([(r["day_n"], r["channel"], r["roas"]) for r in roas]) == rounded(
        marts(
            f"select day_n, channel, {revenue} / nullif(sum(spend), 0){mature}"
            " and spend is not null group by all"
        )
    )


def test_raw_rows_add_up_by_load_date(client: Any, charts: dict[str, int]):
    rows = shown(client, charts["Raw rows by load date and fate"])
    fates = ("accepted", "duplicate", "rejected", "left_out")
    totals = {day(r["load_date"]): sum(r[f"{fate}_count"] for fate in fates) for r in rows}
    assert totals == dict(
        marts(
            "select load_date, sum(raw_row_count) from marts.mart_data_quality"
            " where feed = 'events'"
            " and load_date <= (select cast(max(newest_load_at) as date) from marts.mart_as_of)"
            " group by 1"
        )
    )


def test_superset_does_not_keep_the_published_file_open(client: Any, charts: dict[str, int]):
    """A reader that stays connected would see the old file for ever."""
    shown(client, charts["As of"])
    assert str(PUBLISHED) not in {
        os.readlink(f"/proc/self/fd/{name}")
        for name in os.listdir("/proc/self/fd")
        if os.path.exists(f"/proc/self/fd/{name}")
    }
