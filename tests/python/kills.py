"""dbt as a process that can be killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys

from dbt_harness import PROJECT_DIR, Dbt
from pipeline import Pipeline, workspace


def dbt_process(
    pipeline: Pipeline,
    *,
    dbt: Dbt | None = None,
) -> subprocess.Popen[str]:
    """`dbt run` as a process of its own, in a group of its own; `dbt`: on another engine."""
    pipeline.point()
    dbt = dbt or pipeline.dbt
    return subprocess.Popen(
        [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()"),
            *("--warn-error", "--no-use-colors", "run"),
            *("--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)),
            # one folder for all that parse the same: only the first of them does it
            *("--target-path", str(workspace() / f"target_of_{dbt.target}")),
            *("--log-path", str(dbt.folder / "process_logs")),
            *("--target", dbt.target, "--vars", json.dumps(dbt.vars)),
            *pipeline.selection,
        ],
        env={
            **os.environ,
            "DUCKDB_PATH": str(pipeline.dbt.database),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def kill(process: subprocess.Popen[str]) -> str:
    """SIGKILL for the process and its children; what it had printed."""
    with contextlib.suppress(ProcessLookupError):  # it had finished
        os.killpg(process.pid, signal.SIGKILL)
    return process.communicate()[0]


def wait_for_models(process: subprocess.Popen[str], lines: int) -> str:
    """Read until dbt has said `lines` lines about models; the time before that is only parsing."""
    text = ""
    assert process.stdout
    for line in process.stdout:
        text += line
        if " of " in line:
            lines -= 1
        if lines < 0:
            break
    return text
