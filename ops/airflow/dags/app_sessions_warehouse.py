"""DAG for server warehouses: check that the raw events are fresh, build model by model, test.

Each model is a task of its own, made by Cosmos from dbt's manifest, so that a failed one is tried
again alone and the others run side by side, as many as the pool `app_sessions_warehouse` has
slots. All data tests run once, after the models, and when they have passed the asset says so.
There is nothing to publish: readers of a warehouse are never locked out.

Intervals, runs without one and backfills mean what they mean in the DAG `app_sessions`.

The file defines no DAG unless APP_SESSIONS_WAREHOUSE_TARGET names a target of profiles.yml. Not for
DuckDB files: each task is a dbt process of its own, and only one can write.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import dag, task
from app_sessions_common import (
    ASSET,
    DAG_SETTINGS,
    PROJECT_DIR,
    TASK_SETTINGS,
    VENV_DIR,
    dbt_vars,
    freshness_command,
)

TARGET = os.environ.get("APP_SESSIONS_WAREHOUSE_TARGET")
MANIFEST = Path(os.environ.get("APP_SESSIONS_MANIFEST") or PROJECT_DIR / "target/manifest.json")


def set_vars(context: Any, operator: Any) -> None:
    """Give a dbt task the run's vars; Cosmos calls it before it makes the command."""
    operator.vars = dbt_vars(
        context["dag_run"].run_type, context["params"], context.get("data_interval_start")
    )


def dbt_tasks() -> Any:
    """The task group of all models and of their tests.

    Raises:
        FileNotFoundError: there is no manifest to make the tasks from.
    """
    if not MANIFEST.is_file():
        raise FileNotFoundError(
            f"There is no dbt manifest at {MANIFEST}, which the tasks are made from: run"
            f" `dbt parse --target {TARGET}` with the vars of the Variable app_sessions_vars,"
            " or set APP_SESSIONS_MANIFEST to where it is."
        )
    # here, so that who does not use this DAG needs no Cosmos
    from cosmos import (
        DbtTaskGroup,
        ExecutionConfig,
        ExecutionMode,
        InvocationMode,
        LoadMode,
        ProfileConfig,
        ProjectConfig,
        RenderConfig,
        TestBehavior,
    )

    return DbtTaskGroup(
        group_id="dbt",
        project_config=ProjectConfig(
            manifest_path=MANIFEST, project_name="app_sessions", install_dbt_deps=False
        ),
        profile_config=ProfileConfig(
            profile_name="app_sessions",
            target_name=TARGET,
            profiles_yml_filepath=PROJECT_DIR / "profiles.yml",
        ),
        execution_config=ExecutionConfig(
            execution_mode=ExecutionMode.LOCAL,
            invocation_mode=InvocationMode.SUBPROCESS,
            dbt_project_path=PROJECT_DIR,
            dbt_executable_path=VENV_DIR / "bin" / "dbt",
        ),
        render_config=RenderConfig(
            load_method=LoadMode.DBT_MANIFEST,
            # per model, tests that compare two models would find one of them not built yet
            test_behavior=TestBehavior.AFTER_ALL,
            # unit tests are about the code, not about what has arrived
            exclude=["resource_type:unit_test"],
            emit_datasets=False,
        ),
        operator_args={
            "append_env": True,
            "full_refresh": "{{ params.full_refresh }}",
            "interceptors": [set_vars],
        },
    )


if TARGET:

    @dag(
        dag_id="app_sessions_warehouse",
        description=f"Build app_sessions on {TARGET} and test it",
        doc_md=__doc__,
        tags=["app_sessions", "dbt", TARGET],
        default_args={**TASK_SETTINGS, "pool": "app_sessions_warehouse"},
        **DAG_SETTINGS,
    )
    def app_sessions_warehouse() -> None:
        """check_freshness >> every model >> all tests >> announce."""

        @task.bash(cwd=str(PROJECT_DIR), append_env=True, do_xcom_push=False)
        def check_freshness(
            dag_run=None, params=None, data_interval_start=None, data_interval_end=None
        ) -> str:
            """Fail where a provider's newest load is too old."""
            variables = dbt_vars(dag_run.run_type, params, data_interval_start)
            return freshness_command(variables, dag_run, data_interval_end, target=TARGET)

        check_freshness() >> dbt_tasks() >> EmptyOperator(task_id="announce", outlets=[ASSET])

    app_sessions_warehouse()
