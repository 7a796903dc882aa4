"""The DAGs, loaded as Airflow loads them, and run for real: dbt, DuckDB, failures and retries.

Airflow has an environment of its own (`make test-airflow`); dbt is called in the project's. The
runs share one database, build upon each other and come in the order of this file.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

if importlib.util.find_spec("airflow") is None:
    pytest.skip("Airflow has an environment of its own: make test-airflow", allow_module_level=True)

PROJECT_DIR = Path(__file__).resolve().parents[3]
DAGS_DIR = PROJECT_DIR / "ops" / "airflow" / "dags"
DBT_PYTHON = PROJECT_DIR / ".venv" / "bin" / "python"
HOME = Path(tempfile.mkdtemp(prefix="app_sessions_airflow_"))
RAW = HOME / "raw"
MANIFEST = HOME / "manifest.json"
BUILD = HOME / "build" / "app_sessions.duckdb"
PUBLISHED = HOME / "published" / "app_sessions.duckdb"
VARS = {"providers": ["generic"], "raw_path": str(RAW)}
# what the test of the second DAG makes tasks of; a few, since each is a dbt process
FEW_NODES = {
    "seed.app_sessions.event_types",
    "model.app_sessions.stg_generic__events",
    "model.app_sessions.int_exchange_rates",
    "model.app_sessions.fct_sessions",
    "model.app_sessions.mart_users",
}

os.environ.update(
    {
        "AIRFLOW_HOME": str(HOME / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS_DIR),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
        "DO_NOT_TRACK": "1",
        "AIRFLOW_VAR_APP_SESSIONS_VARS": json.dumps(VARS),
        "APP_SESSIONS_WAREHOUSE_TARGET": "duckdb",
        "APP_SESSIONS_MANIFEST": str(MANIFEST),
        "DUCKDB_PATH": str(BUILD),
        "PUBLISH_DIR": str(PUBLISHED.parent),
        "APP_SESSIONS_STATE": str(HOME / "state"),
    }
)

LOGICAL_DATE = datetime(2024, 3, 11, tzinfo=UTC)
HEADER = "event_id,app_id,device_id,event_name,event_at,loaded_at"


# ------------------------------------------------------------------------------------ fixtures


@pytest.fixture(scope="module", autouse=True)
def home() -> Iterator[None]:
    """Airflow's database, and dbt's manifest cut down to FEW_NODES."""
    BUILD.parent.mkdir()
    add_raw("first", "1,game,phone,level,2024-03-09 10:00:00,2024-03-10 12:00:00")
    run(DBT_PYTHON, "-m", "dbt.cli.main", "--quiet", "parse", "--vars", json.dumps(VARS))
    manifest = json.loads((HOME / "target" / "manifest.json").read_text())
    manifest["nodes"] = {
        name: node for name, node in manifest["nodes"].items() if name in FEW_NODES
    }
    MANIFEST.write_text(json.dumps(manifest))
    run(Path(sys.executable), "-m", "airflow", "db", "migrate")
    yield
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture
def bag(home: None) -> Any:
    """All DAGs, as the DAG processor finds them; loaded anew, since tests change them."""
    return load_dags()


@pytest.fixture
def dag(bag: Any) -> Any:
    """The DAG for DuckDB."""
    return bag.dags["app_sessions"]


@pytest.fixture
def webhook(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, dict]]]:
    """What was sent to the alert's connection: path and body."""
    received: list[tuple[str, dict]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((self.path, json.loads(body)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv(
        "AIRFLOW_CONN_APP_SESSIONS_ALERT", f"http://127.0.0.1:{server.server_port}/hooks/one"
    )
    yield received
    server.shutdown()
    server.server_close()


# ------------------------------------------------------------------------------------- helpers


def run(*command: Any) -> str:
    """Output of a command that must succeed."""
    environment = {**os.environ, "DBT_TARGET_PATH": str(HOME / "target")}
    environment["DBT_LOG_PATH"] = str(HOME / "logs")
    finished = subprocess.run(
        [str(part) for part in command],
        cwd=PROJECT_DIR,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def load_dags() -> Any:
    """All DAGs of the folder, with their import errors."""
    from airflow.dag_processing.dagbag import BundleDagBag

    return BundleDagBag(dag_folder=DAGS_DIR, bundle_path=DAGS_DIR, bundle_name="dags-folder")


def add_raw(name: str, *lines: str) -> None:
    """One more file of raw events."""
    folder = RAW / "events"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.csv").write_text("\n".join([HEADER, *lines]) + "\n")


def query(path: Path, sql: str) -> Any:
    """The one value of a query; duckdb is in dbt's environment only."""
    code = (
        "import duckdb, sys;"
        "print(duckdb.connect(sys.argv[1], read_only=True).execute(sys.argv[2]).fetchone()[0])"
    )
    return run(DBT_PYTHON, "-c", code, path, sql).strip()


def states(dag_run: Any) -> dict[str, str]:
    """State of each task of a run."""
    return {task.task_id: str(task.state) for task in dag_run.get_task_instances()}


def tries(dag_run: Any) -> dict[str, int]:
    """How often each task of a run was tried."""
    return {task.task_id: task.try_number for task in dag_run.get_task_instances()}


def asset_events() -> int:
    """How often the asset app_sessions has been emitted."""
    from airflow.models.asset import AssetEvent, AssetModel
    from airflow.utils.session import create_session

    with create_session() as session:
        return (
            session.query(AssetEvent)
            .join(AssetModel, AssetModel.id == AssetEvent.asset_id)
            .filter(AssetModel.name == "app_sessions")
            .count()
        )


class Writer:
    """Another process that has the DuckDB file open for writing."""

    def __init__(self) -> None:
        self.process: subprocess.Popen | None = None

    def open(self, context: Any) -> None:
        """Take the file; a callback of Airflow."""
        code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open'); input()"
        self.process = subprocess.Popen(
            [str(DBT_PYTHON), "-u", "-c", code, str(BUILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout.readline() == b"open\n"

    def close(self, context: Any) -> None:
        """Give it back; a callback of Airflow."""
        self.process.communicate(b"\n", timeout=30)


# ------------------------------------------------------------------------------- what they are


def test_dags_load_without_errors(bag: Any):
    assert bag.import_errors == {}
    assert set(bag.dags) == {"app_sessions", "app_sessions_warehouse"}


@pytest.mark.parametrize(
    ("dag_id", "pool"),
    [("app_sessions", "duckdb_writer"), ("app_sessions_warehouse", "app_sessions_warehouse")],
)
def test_every_task_is_retried_in_the_pool_and_failures_are_told(bag: Any, dag_id: str, pool: str):
    dag = bag.dags[dag_id]
    assert dag.doc_md
    assert dag.max_active_runs == 1
    assert dag.catchup is False
    assert {task.pool for task in dag.tasks} == {pool}
    assert {task.retries for task in dag.tasks} == {3}
    assert {bool(task.retry_exponential_backoff) for task in dag.tasks} == {True}
    assert {call.__name__ for task in dag.tasks for call in task.on_failure_callback} == {"alert"}
    last = [task for task in dag.tasks if not task.downstream_task_ids]
    assert [[asset.name for asset in task.outlets] for task in last] == [["app_sessions"]]


@pytest.mark.parametrize("dag_id", ["app_sessions", "app_sessions_warehouse"])
def test_data_intervals_are_a_day_long(bag: Any, dag_id: str):
    from airflow.serialization.encoders import coerce_to_core_timetable

    timetable = coerce_to_core_timetable(bag.dags[dag_id].timetable)
    interval = timetable.infer_manual_data_interval(run_after=LOGICAL_DATE + timedelta(hours=6))
    assert (interval.start, interval.end) == (LOGICAL_DATE - timedelta(days=1), LOGICAL_DATE)


def test_build_and_publish_are_one_task_after_the_check(bag: Any):
    dag = bag.dags["app_sessions"]
    assert dag.task_dict["check_freshness"].downstream_task_ids == {"build_and_publish"}
    assert set(dag.task_dict) == {"check_freshness", "build_and_publish"}


def test_models_are_tasks_in_their_order_and_tests_come_last(bag: Any):
    tasks = bag.dags["app_sessions_warehouse"].task_dict
    assert {name.removeprefix("dbt.") for name in tasks} == {
        "check_freshness",
        "event_types_seed",
        "stg_generic__events_run",
        "int_exchange_rates_run",
        "fct_sessions_run",
        "mart_users_run",
        "app_sessions_test",
        "announce",
    }
    assert tasks["dbt.mart_users_run"].downstream_task_ids == {"dbt.app_sessions_test"}
    assert tasks["dbt.app_sessions_test"].downstream_task_ids == {"announce"}


def test_without_a_target_there_is_no_dag_for_warehouses(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("APP_SESSIONS_WAREHOUSE_TARGET")
    monkeypatch.setenv("APP_SESSIONS_MANIFEST", "/nowhere")
    bag = load_dags()
    assert (bag.import_errors, set(bag.dags)) == ({}, {"app_sessions"})


def test_without_a_manifest_the_error_says_what_to_run(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("APP_SESSIONS_MANIFEST", "/nowhere")
    bag = load_dags()
    (error,) = bag.import_errors.values()
    assert "There is no dbt manifest at /nowhere" in error
    assert "`dbt parse --target duckdb`" in error


def test_a_backfill_looks_back_to_the_start_of_its_interval(
    bag: Any, monkeypatch: pytest.MonkeyPatch
):
    import pendulum
    import yaml
    from app_sessions_common import DEFAULT_LOOKBACK_DAYS, dbt_vars

    project = yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text())
    assert project["vars"]["load_lookback_days"] == DEFAULT_LOOKBACK_DAYS

    def lookback(run_type: str, days_ago: float, param: int | None = None) -> int | None:
        # what Airflow hands to tasks, which is not the standard library's
        start = pendulum.now("UTC") - timedelta(days=days_ago)
        variables = dbt_vars(run_type, {"load_lookback_days": param}, start)
        assert {name: variables[name] for name in VARS} == VARS
        return variables.get("load_lookback_days")

    # a load of tomorrow, less 12 days, is before 10.5 days ago
    assert lookback("backfill", 10.5) == 12
    assert lookback("backfill", 0.5) == 3
    assert lookback("backfill", 0.5, param=20) == 20
    assert lookback("scheduled", 10.5) is None
    assert lookback("manual", 10.5, param=20) == 20
    monkeypatch.setenv(
        "AIRFLOW_VAR_APP_SESSIONS_VARS", json.dumps({**VARS, "load_lookback_days": 60})
    )
    assert lookback("backfill", 10.5) == 60
    assert lookback("scheduled", 10.5) == 60


# -------------------------------------------------------------------------------- what they do


def test_a_run_waits_for_another_writer_then_builds_and_publishes(
    dag: Any, webhook: list[tuple[str, dict]], capfd: pytest.CaptureFixture
):
    writer = Writer()
    for task in dag.tasks:
        task.retry_delay = timedelta(seconds=1)
    dag.task_dict["check_freshness"].on_success_callback = [writer.open]
    dag.task_dict["build_and_publish"].on_retry_callback = [writer.close]
    # nothing is published yet to compare with, so that all is built
    assert not (HOME / "state" / "manifest.json").exists()
    dag_run = dag.test(logical_date=LOGICAL_DATE, run_conf={"select": "state:modified+"})
    assert states(dag_run) == {"check_freshness": "success", "build_and_publish": "success"}
    assert "Could not set lock on file" in capfd.readouterr().out
    assert tries(dag_run) == {"check_freshness": 1, "build_and_publish": 2}
    assert query(PUBLISHED, "select count(*) from core.fct_sessions") == "1"
    assert asset_events() == 1
    assert webhook == []


def test_a_failed_dbt_test_leaves_what_is_published_and_is_told(
    dag: Any, webhook: list[tuple[str, dict]], capfd: pytest.CaptureFixture
):
    before = PUBLISHED.stat()
    # a load of which nothing is accepted
    add_raw("late", "2,game,phone,level,yesterday,2024-03-02 12:00:00")
    for task in dag.tasks:
        task.retries = 0
    dag_run = dag.test(logical_date=LOGICAL_DATE)
    assert str(dag_run.state) == "failed"
    assert states(dag_run) == {"check_freshness": "success", "build_and_publish": "failed"}
    assert "Failure in test assert_loads_are_accepted" in capfd.readouterr().out
    after = PUBLISHED.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert asset_events() == 1
    ((path, body),) = webhook
    assert path == "/hooks/one"
    assert "task build_and_publish of app_sessions" in body["text"]
    assert "What was published last stays." in body["text"]


def test_a_run_without_logical_date_takes_in_the_corrected_file(
    dag: Any, monkeypatch: pytest.MonkeyPatch
):
    add_raw("late", "2,game,phone,level,2024-03-01 10:00:00,2024-03-02 12:00:00")
    monkeypatch.setenv("AIRFLOW_VAR_APP_SESSIONS_MAX_RAW_AGE_HOURS", "1000000")
    dag_run = dag.test(logical_date=None, run_conf={"load_lookback_days": 30})
    assert dag_run.data_interval_start is None
    assert states(dag_run) == {"check_freshness": "success", "build_and_publish": "success"}
    assert query(PUBLISHED, "select count(*) from core.fct_sessions") == "2"
    assert asset_events() == 2


def test_a_deployment_builds_what_was_changed_and_tests_everything(
    dag: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture
):
    monkeypatch.setenv("AIRFLOW_VAR_APP_SESSIONS_MAX_RAW_AGE_HOURS", "1000000")
    # as if what is published had been built by other code of one model
    kept = HOME / "state" / "manifest.json"
    manifest = json.loads(kept.read_text())
    manifest["nodes"]["model.app_sessions.mart_users"]["raw_code"] = "select 1"
    kept.write_text(json.dumps(manifest))
    dag_run = dag.test(logical_date=None, run_conf={"select": "state:modified+"})
    assert states(dag_run) == {"check_freshness": "success", "build_and_publish": "success"}
    said = capfd.readouterr().out
    assert "marts.mart_users" in said and "core.fct_sessions " not in said
    assert "PASS assert_every_raw_row_is_accounted_for" in said
    assert asset_events() == 3
    manifest = json.loads(kept.read_text())
    assert manifest["nodes"]["model.app_sessions.mart_users"]["raw_code"] != "select 1"


def test_stale_raw_events_stop_the_run_before_the_build(
    dag: Any, capfd: pytest.CaptureFixture, caplog: pytest.LogCaptureFixture
):
    for task in dag.tasks:
        task.retries = 0
    dag_run = dag.test(logical_date=LOGICAL_DATE + timedelta(days=30))
    assert states(dag_run) == {
        "check_freshness": "failed",
        "build_and_publish": "upstream_failed",
    }
    assert "generic: newest load 2024-03-10 12:00:00, 732.0 hours old (too old)" in (
        capfd.readouterr().out
    )
    assert "app_sessions: task check_freshness of app_sessions" in caplog.text
    assert "There is no connection app_sessions_alert: nobody else is told." in caplog.text


def test_the_dag_for_warehouses_builds_and_tests_model_by_model(bag: Any):
    # DuckDB stands for the warehouse: `dags test` runs one task at a time
    code = "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('drop table marts.mart_users')"
    run(DBT_PYTHON, "-c", code, BUILD)
    dag_run = bag.dags["app_sessions_warehouse"].test(logical_date=LOGICAL_DATE)
    assert set(states(dag_run).values()) == {"success"}
    assert query(BUILD, "select count(*) from marts.mart_users") == "1"
    assert asset_events() == 4
