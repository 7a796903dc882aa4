"""DAG for DuckDB: check that the raw events are fresh, build and test, publish for readers.

**A run takes all that has arrived**, whatever its interval: the project is incremental by
`loaded_at`, so an interval only names the run and says at what time the raw events must be fresh.
A run that finds nothing new changes nothing. Runs without a logical date (triggered so, or by an
asset) work like any other.

**A backfill** is for loads that came late, behind what has been read already: each of its runs
looks through all loads from the start of its interval on, and takes in what the tables lack. One
run for the earliest interval is enough. (`load_lookback_days`, on triggering, does the same.)

**Build and publish are one task**: on its own, a publish that is retried, cleared or merely later
than another run's build (backfills run beside other runs) would put in place what that build,
perhaps a failed one, has left in the file. Readers' file is replaced in one step after the last
dbt test has passed; on any failure it stays as it is.

DuckDB lets one process write a file: every task takes the only slot of the pool `duckdb_writer`.
Where some other process holds the file, the retries wait for it.
"""

from __future__ import annotations

import shlex

from airflow.sdk import dag, task
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


@dag(
    dag_id="app_sessions",
    description="Build app_sessions on DuckDB, test it, publish it",
    doc_md=__doc__,
    tags=["app_sessions", "dbt", "duckdb"],
    default_args={**TASK_SETTINGS, "pool": "duckdb_writer"},
    **DAG_SETTINGS,
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
        arguments = ["build", "--exclude-resource-type", "unit_test"]
        if params["full_refresh"]:
            arguments.append("--full-refresh")
        variables = dbt_vars(dag_run.run_type, params, data_interval_start)
        build = dbt_command(*arguments, variables=variables)
        publish = shlex.join(
            [str(VENV_DIR / "bin" / "python"), str(PROJECT_DIR / "ops/tools/publish.py")]
        )
        return f"{build} && {publish}"

    check_freshness() >> build_and_publish()


app_sessions()
