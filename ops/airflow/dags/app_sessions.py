"""DAG for DuckDB: check that the raw events are fresh, build and test, publish for readers.

**A run takes all that has arrived**, whatever its interval: the project is incremental by
`loaded_at`, so an interval only names the run and says at what time the raw events must be fresh.
A run that finds nothing new changes nothing. Runs without a logical date (triggered so, or by an
asset) work like any other.

**A backfill** is for loads that came late into raw tables, behind what has been read already: each
of its runs looks through all loads from the start of its interval on, and takes in what is lacking.
One run for the earliest interval is enough. (`load_lookback_days`, on triggering, does the same.)
Late files need none: each is known by itself.

**Build and publish are one task**: on its own, a publish that is retried, cleared or merely later
than another run's build (backfills run beside other runs) would put in place what that build,
perhaps a failed one, has left in the file. Readers' file is replaced in one step after the last
dbt test has passed; on any failure it stays as it is.

**A deployment** of changed code may build what it changes and no more: trigger with `select` =
`state:modified+`. What is new is told by the manifest of the build that was published last, which
each run keeps (APP_SESSIONS_STATE). All data tests run before it is published, as always. Without
`select` a run applies a change, too: what the code says is compared with what each table notes.

DuckDB lets one process write a file: every task takes the only slot of the pool `duckdb_writer`.
Where some other process holds the file, the retries wait for it.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from airflow.sdk import Param, dag, task
from app_sessions_common import (
    ASSET,
    DAG_SETTINGS,
    PROJECT_DIR,
    TASK_SETTINGS,
    VENV_DIR,
    dbt_command,
    dbt_vars,
    freshness_command,
)

TARGET_DIR = PROJECT_DIR / (os.environ.get("DBT_TARGET_PATH") or "target")
STATE_DIR = Path(os.environ.get("APP_SESSIONS_STATE") or PROJECT_DIR / "target" / "published_state")
SELECT = Param(
    None,
    type=["null", "string"],
    description="Build only this, such as state:modified+ after a change of code; test everything.",
)


@dag(
    dag_id="app_sessions",
    description="Build app_sessions on DuckDB, test it, publish it",
    doc_md=__doc__,
    tags=["app_sessions", "dbt", "duckdb"],
    default_args={**TASK_SETTINGS, "pool": "duckdb_writer"},
    **{**DAG_SETTINGS, "params": {**DAG_SETTINGS["params"], "select": SELECT}},
)
def app_sessions() -> None:
    """check_freshness >> build_and_publish."""

    @task.bash(cwd=str(PROJECT_DIR), append_env=True, do_xcom_push=False)
    def check_freshness(
        dag_run=None, params=None, data_interval_start=None, data_interval_end=None
    ) -> str:
        """Fail where a provider's newest load is too old."""
        variables = dbt_vars(dag_run.run_type, params, data_interval_start)
        return freshness_command(variables, dag_run, data_interval_end)

    @task.bash(cwd=str(PROJECT_DIR), append_env=True, do_xcom_push=False, outlets=[ASSET])
    def build_and_publish(dag_run=None, params=None, data_interval_start=None) -> str:
        """Put what has arrived into the tables, test them, and give readers a copy."""
        # unit tests are about the code, not about what has arrived
        no_unit_tests = ["--exclude-resource-type", "unit_test"]
        build = ["build", *no_unit_tests]
        if params["full_refresh"]:
            build.append("--full-refresh")
        commands = [build]
        if params["select"] and (STATE_DIR / "manifest.json").exists():
            build += ["--select", params["select"], "--state", str(STATE_DIR)]
            commands.append(["test", *no_unit_tests])
        variables = dbt_vars(dag_run.run_type, params, data_interval_start)
        lines = [dbt_command(*command, variables=variables) for command in commands]
        for command in (
            [VENV_DIR / "bin" / "python", PROJECT_DIR / "ops/tools/publish.py"],
            ["mkdir", "-p", STATE_DIR],
            ["cp", TARGET_DIR / "manifest.json", STATE_DIR],
        ):
            lines.append(shlex.join(map(str, command)))
        return " && ".join(lines)

    check_freshness() >> build_and_publish()


app_sessions()
