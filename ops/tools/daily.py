"""The daily run: freshness, build, tests, publish, summary, one at a time; who to tell on failure.

    .venv/bin/python ops/tools/daily.py [--max-age-hours 48] [-- options of dbt, such as --vars]

ALERT_WEBHOOK, if set, is the address of a webhook that takes {"text": "…"} as Slack, Mattermost
and Teams do. Nothing of the data is sent: only which step failed, and the names of failed nodes.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from publish import GOOD_STATUSES, PROJECT_DIR, database_path, read_json, target_path

SECONDS_TO_TELL = 10
NAMED = 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the steps until one fails; the exit code of that one, or 0."""
    parser = argparse.ArgumentParser(description="Check freshness, build, test and publish.")
    parser.add_argument("--max-age-hours", type=int, default=48, help="how old input may be")
    parser.add_argument("dbt_options", nargs="*", help="after --: options of dbt, such as --vars")
    options = parser.parse_args(arguments)
    os.umask(0o027)  # what the run writes is nobody else's to read
    database = database_path()
    lock = database.with_name(database.name + ".daily.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Another daily run is under way; this one does nothing.")
        return 0
    print(f"Daily run of {database} on {time.strftime('%Y-%m-%d %H:%M %Z')}", flush=True)
    for name, command in steps(options.max_age_hours, options.dbt_options).items():
        if name in ("check_freshness", "dbt build"):
            results_path().unlink(missing_ok=True)  # of an earlier command
        # a log has no colours
        environment = (
            os.environ if sys.stdout.isatty() else os.environ | {"DBT_USE_COLORS": "false"}
        )
        code = subprocess.run(
            command, cwd=PROJECT_DIR, env=dict(environment), check=False
        ).returncode
        if code:
            failed = f"app_sessions: {name} failed (exit code {code}){named_nodes(is_bad)}"
            tell(f"{failed}. What was published last stays.")
            return code
        if warned := named_nodes(lambda status: status == "warn") if name == "dbt build" else "":
            tell(f"app_sessions: {name} warned{warned}. It is published all the same.")
    return 0


def steps(max_age_hours: int, dbt_options: Sequence[str]) -> dict[str, list[str]]:
    """Each command by its name. DBT and PYTHON name other programs than those of .venv."""
    python = os.environ.get("PYTHON") or sys.executable
    quick = [python, str(PROJECT_DIR / "ops/tools/quick.py"), "dbt"]
    dbt = [os.environ["DBT"]] if os.environ.get("DBT") else quick
    freshness = json.dumps({"max_age_hours": max_age_hours})
    return {
        "check_freshness": [
            *dbt,
            *("run-operation", "check_freshness", "--args", freshness),
            *dbt_options,
        ],
        "dbt build": [*dbt, "build", "--exclude-resource-type", "unit_test", *dbt_options],
        "publish": [python, str(PROJECT_DIR / "ops/tools/publish.py")],
        "summary": [python, str(PROJECT_DIR / "ops/tools/summary.py")],
    }


def results_path() -> Path:
    """Where dbt notes what became of each node."""
    return target_path() / "run_results.json"


def is_bad(status: str) -> bool:
    """Whether a node failed by itself, not for another one."""
    return status not in {*GOOD_STATUSES, "skipped"}


def named_nodes(wanted: Callable[[str], bool]) -> str:
    """Nodes of dbt's last command with such a status, if it came so far."""
    results = (read_json(results_path()) or {}).get("results", [])
    names = [result["unique_id"].split(".")[2] for result in results if wanted(result["status"])]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f": {', '.join(names[:NAMED])}{more}" if names else ""


def tell(text: str) -> None:
    """Print the text, and send it to ALERT_WEBHOOK; that it cannot be reached is only printed."""
    print(text, flush=True)
    address = os.environ.get("ALERT_WEBHOOK")
    if not address:
        return
    try:
        request = urllib.request.Request(
            address, json.dumps({"text": text}).encode(), {"Content-Type": "application/json"}
        )
        urllib.request.urlopen(request, timeout=SECONDS_TO_TELL).close()
    except (OSError, ValueError) as error:
        print(f"The webhook could not be reached: {type(error).__name__}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
