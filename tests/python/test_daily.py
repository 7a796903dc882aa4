"""The daily run: steps in order, one run at a time, and a webhook that says what failed."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from dbt_harness import PROJECT_DIR

DAILY = PROJECT_DIR / "ops" / "tools" / "daily.py"
# stands for dbt and for publish.py: notes how it was called, fails where FAIL says so
PROGRAM = """#!{python}
import json, os, sys
from pathlib import Path
folder = Path("{folder}")
with (folder / "calls").open("a") as calls:
    print(*sys.argv[1:], file=calls)
fails = os.environ["FAIL"] in sys.argv
if sys.argv[1] == "build":
    (folder / "run_results.json").write_text(json.dumps({{"results": [
        {{"unique_id": "model.mine.first", "status": "success"}},
        {{"unique_id": "test.mine.unique_first.1", "status": "fail" if fails else "pass"}},
        {{"unique_id": "test.mine.mild.2", "status": "warn" if "warn" in sys.argv else "pass"}},
        {{"unique_id": "model.mine.second", "status": "skipped" if fails else "success"}},
    ]}}))
sys.exit(3 if fails else 0)
"""


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[str]]]:
    """An address, and the texts that were sent there."""
    texts: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            texts.append(json.loads(body)["text"])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", texts
    server.shutdown()


def daily(folder: Path, *options: str, fail: str = "nothing", alert: str = "") -> tuple[int, str]:
    """The exit code and what was said."""
    program = folder / "program"
    program.write_text(PROGRAM.format(python=sys.executable, folder=folder))
    program.chmod(0o755)
    finished = subprocess.run(
        [sys.executable, str(DAILY), *options],
        env=os.environ
        | {"DBT": str(program), "PYTHON": str(program), "FAIL": fail, "ALERT_WEBHOOK": alert}
        | {"DUCKDB_PATH": str(folder / "app_sessions.duckdb"), "DBT_TARGET_PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return finished.returncode, finished.stdout + finished.stderr


def calls(folder: Path) -> list[str]:
    """How the programs were called, each by its first words."""
    path = folder / "calls"
    return path.read_text().splitlines() if path.exists() else []


def test_the_steps_run_in_order(tmp_path: Path, webhook: tuple[str, list[str]]):
    code, said = daily(tmp_path, "--max-age-hours", "7", "--", "--vars", "{}", alert=webhook[0])
    assert code == 0, said
    assert calls(tmp_path) == [
        'run-operation check_freshness --args {"max_age_hours": 7} --vars {}',
        "build --exclude-resource-type unit_test --vars {}",
        str(PROJECT_DIR / "ops/tools/publish.py"),
        str(PROJECT_DIR / "ops/tools/summary.py"),
    ]
    assert said.startswith(f"Daily run of {tmp_path / 'app_sessions.duckdb'} on 20")
    assert webhook[1] == []


def test_a_failed_test_is_told_and_nothing_is_published(
    tmp_path: Path, webhook: tuple[str, list[str]]
):
    code, said = daily(tmp_path, fail="build", alert=webhook[0])
    assert code == 3
    text = "app_sessions: dbt build failed (exit code 3): unique_first. What was published last st"
    assert text in said
    assert [text in sent for sent in webhook[1]] == [True]
    assert [call.split()[0] for call in calls(tmp_path)] == ["run-operation", "build"]


def test_a_warning_is_told_and_published(tmp_path: Path, webhook: tuple[str, list[str]]):
    code, _ = daily(tmp_path, "--", "warn", alert=webhook[0])
    assert code == 0
    assert len(calls(tmp_path)) == 4
    assert webhook[1] == ["app_sessions: dbt build warned: mild. It is published all the same."]


def test_old_input_is_told_without_the_results_of_an_earlier_run(
    tmp_path: Path, webhook: tuple[str, list[str]]
):
    daily(tmp_path, fail="build")
    code, _ = daily(tmp_path, fail="check_freshness", alert=webhook[0])
    assert code == 3
    assert webhook[1] == [
        "app_sessions: check_freshness failed (exit code 3). What was published last stays."
    ]


def test_a_webhook_that_is_away_changes_nothing(tmp_path: Path):
    code, said = daily(tmp_path, fail="build", alert="http://127.0.0.1:1/secret")
    assert code == 3
    assert "The webhook could not be reached: URLError" in said
    assert "secret" not in said
    assert daily(tmp_path, fail="build", alert="no address")[0] == 3


def test_one_run_at_a_time(tmp_path: Path):
    with (tmp_path / "app_sessions.duckdb.daily.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, said = daily(tmp_path)
    assert code == 0
    assert "Another daily run is under way" in said
    assert calls(tmp_path) == []
