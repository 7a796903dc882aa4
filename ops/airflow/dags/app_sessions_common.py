"""What the DAGs of app_sessions share: where things are, how dbt is called, who hears of a failure.

What shapes a DAG is an environment variable, since Airflow reads DAG files before any run; what
a run looks up is an Airflow Variable or Connection. ../README.md lists them.
"""

from __future__ import annotations

import json
import logging
import os
import shlex
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import Asset, Connection, CronDataIntervalTimetable, Param, Variable
from airflow.sdk.exceptions import AirflowNotFoundException

PROJECT_DIR = Path(os.environ.get("APP_SESSIONS_PROJECT_DIR") or Path(__file__).parents[3])
# dbt's own environment: Airflow and dbt want different versions of the same libraries
VENV_DIR = Path(os.environ.get("APP_SESSIONS_VENV") or PROJECT_DIR / ".venv")
# emitted whenever there is something new to read; downstream: schedule=[Asset("app_sessions")]
ASSET = Asset("app_sessions")
ALERT_CONNECTION = "app_sessions_alert"
ALERT_SECONDS = 10
DEFAULT_MAX_RAW_AGE_HOURS = 48
# the value in dbt_project.yml; a backfill looks back at least as far as any other run
DEFAULT_LOOKBACK_DAYS = 3

logger = logging.getLogger(__name__)


def alert(context: dict[str, Any]) -> None:
    """Say which task has failed for good: in its log, and to the webhook if there is one.

    The webhook is the connection `app_sessions_alert`, given as a URL; it gets `{"text": ...}`,
    which Slack, Mattermost and Google Chat understand. Without the connection nothing goes out.
    A webhook that cannot be reached is logged, and changes nothing about the run.
    """
    task = context["ti"]
    text = (
        f"app_sessions: task {task.task_id} of {task.dag_id}, run {task.run_id}, has failed at its"
        f" last try ({task.try_number}). What was published last stays. {context.get('exception')}"
    )
    logger.error(text)
    try:
        connection = Connection.get(ALERT_CONNECTION)
    except AirflowNotFoundException:
        logger.info("There is no connection %s: nobody else is told.", ALERT_CONNECTION)
        return
    try:
        # Airflow writes the slashes of a path, which it takes for a database's name, as %2F
        url = connection.get_uri().replace("%2F", "/")
        request = urllib.request.Request(
            url, json.dumps({"text": text}).encode(), {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(request, timeout=ALERT_SECONDS).close()
    except Exception:
        logger.exception("The webhook of connection %s could not be reached.", ALERT_CONNECTION)


# arguments of both DAGs
DAG_SETTINGS: dict[str, Any] = {
    # "@daily" as a string would give intervals that end where they start
    "schedule": CronDataIntervalTimetable(
        os.environ.get("APP_SESSIONS_SCHEDULE") or "@daily", timezone="UTC"
    ),
    "start_date": datetime(2020, 1, 1, tzinfo=UTC),
    # a run takes all that has arrived: there is nothing to catch up on
    "catchup": False,
    "max_active_runs": 1,
    "params": {
        "full_refresh": Param(
            False, type="boolean", description="Build everything anew, after a changed setting."
        ),
        "load_lookback_days": Param(
            None,
            type=["null", "integer"],
            minimum=0,
            description="How far behind the newest load to look for loads that came late.",
        ),
    },
}
TASK_SETTINGS: dict[str, Any] = {
    "retries": 3,
    "retry_delay": timedelta(minutes=2),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=30),
    "execution_timeout": timedelta(hours=12),
    "on_failure_callback": alert,
}


def dbt_vars(
    run_type: str, params: dict[str, Any], data_interval_start: datetime | None
) -> dict[str, Any]:
    """The vars of a run: those of the Variable `app_sessions_vars`, and how far it looks back.

    A backfill looks at all loads from the start of its interval on, whatever the newest load is;
    the day on top is how far ahead of the clock a load may claim to be.
    """
    variables = Variable.get("app_sessions_vars", default={}, deserialize_json=True)
    if params["load_lookback_days"] is not None:
        variables["load_lookback_days"] = params["load_lookback_days"]
    if run_type == "backfill" and data_interval_start is not None:
        # by way of seconds: Airflow's own datetimes cannot be divided otherwise
        age_days = (datetime.now(UTC) - data_interval_start).total_seconds() / 86400
        days = int(age_days) + 2
        configured = variables.get("load_lookback_days", DEFAULT_LOOKBACK_DAYS)
        variables["load_lookback_days"] = max(days, configured)
    return variables


def dbt_command(*arguments: str, variables: dict[str, Any], target: str | None = None) -> str:
    """A dbt command line for bash, in dbt's own environment."""
    command = [str(VENV_DIR / "bin" / "python"), "-m", "dbt.cli.main", *arguments]
    command += ["--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)]
    if target:
        command += ["--target", target]
    if variables:
        command += ["--vars", json.dumps(variables)]
    return shlex.join(command)


def freshness_command(
    variables: dict[str, Any],
    dag_run: Any,
    data_interval_end: datetime | None,
    target: str | None = None,
) -> str:
    """The command that fails where raw events are older than the Variable allows.

    Their age is that at the end of the run's interval; of a run without one, that at its start.
    """
    as_of = (data_interval_end or dag_run.run_after).astimezone(UTC)
    arguments = {
        "max_age_hours": float(
            Variable.get("app_sessions_max_raw_age_hours", default=DEFAULT_MAX_RAW_AGE_HOURS)
        ),
        "as_of": f"{as_of:%Y-%m-%d %H:%M:%S}",
    }
    return dbt_command(
        "run-operation",
        "check_freshness",
        "--args",
        json.dumps(arguments),
        variables=variables,
        target=target,
    )
