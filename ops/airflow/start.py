"""Run a local Airflow with the DAGs of this folder, say where it is, and stop it on Ctrl-C.

What it keeps (a SQLite database, logs, the generated password) is in target/airflow, and it
listens on this machine's own address only. It does what `airflow standalone` does, but for that:
standalone also opens ports for logs to the network. Run by `make airflow`, which installs Airflow.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[2]
HOME = PROJECT_DIR / "target" / "airflow"
BIN = Path(sys.executable).parent
PORT = int(os.environ.get("AIRFLOW_PORT") or 8080)
ADDRESS = f"http://127.0.0.1:{PORT}"
PASSWORDS = HOME / "simple_auth_manager_passwords.json.generated"
START_SECONDS = 180

POOLS = [
    ("duckdb_writer", "1", "the one process that may write to the DuckDB file"),
    ("app_sessions_warehouse", "4", "dbt processes at a time on a server warehouse"),
]
COMPONENTS = {
    "api-server": ["--host", "127.0.0.1", "--port", str(PORT), "--workers", "1"],
    "scheduler": ["--skip-serve-logs"],
    "dag-processor": [],
    "triggerer": ["--skip-serve-logs"],
}


def environment() -> dict[str, str]:
    """The caller's environment, and Airflow's settings where the caller has none."""
    settings = {
        "AIRFLOW_HOME": str(HOME),
        "AIRFLOW__API__BASE_URL": ADDRESS,
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{ADDRESS}/execution/",
        "AIRFLOW__CORE__DAGS_FOLDER": str(Path(__file__).resolve().parent / "dags"),
        # two tasks at a time are enough here, and each waiting worker takes memory
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
        "DO_NOT_TRACK": "1",
    }
    return {
        **settings,
        **os.environ,
        # its processes look for `airflow` there
        "PATH": f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}",
    }


def check_port() -> None:
    """Stop, with the way out, where somebody listens already."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", PORT))
        except OSError as error:
            raise SystemExit(
                f"Port {PORT} is taken ({error.strerror}): make airflow AIRFLOW_PORT=8081"
            ) from error


def airflow(*arguments: str) -> None:
    """Run one airflow command to its end.

    Raises:
        SystemExit: it failed; the text is what it said.
    """
    finished = subprocess.run(
        [str(BIN / "airflow"), *arguments], env=environment(), capture_output=True, text=True
    )
    if finished.returncode != 0:
        raise SystemExit(f"airflow {' '.join(arguments)} failed:\n{finished.stderr}")


def start(component: str, arguments: list[str]) -> subprocess.Popen:
    """One of Airflow's processes, in a group of its own, its output in a file."""
    with (HOME / f"{component}.log").open("w") as output:
        return subprocess.Popen(
            [str(BIN / "airflow"), component, *arguments],
            env=environment(),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def is_healthy() -> bool:
    """Whether the API answers and has heard of scheduler and DAG processor."""
    try:
        with urllib.request.urlopen(f"{ADDRESS}/api/v2/monitor/health", timeout=5) as answer:
            health = json.load(answer)
    except (OSError, ValueError):
        return False
    return all(health[part]["status"] == "healthy" for part in ("scheduler", "dag_processor"))


def ended(processes: dict[str, subprocess.Popen]) -> list[str]:
    """The components that run no more."""
    return [name for name, process in processes.items() if process.poll() is not None]


def wait_until_healthy(processes: dict[str, subprocess.Popen]) -> None:
    """Return once Airflow works.

    Raises:
        SystemExit: a component has ended, or it takes too long; the text says where to look.
    """
    deadline = time.monotonic() + START_SECONDS
    while not is_healthy():
        for name in ended(processes):
            raise SystemExit(f"Airflow's {name} has ended; its last words: {HOME / name}.log")
        if time.monotonic() > deadline:
            raise SystemExit(f"Airflow does not start; its logs: {HOME}/*.log")
        time.sleep(1)


def stop(processes: dict[str, subprocess.Popen]) -> None:
    """End all components with what they have started; tasks get a moment to end themselves."""
    for signal_number, seconds in ((signal.SIGTERM, 20), (signal.SIGKILL, 5)):
        for process in processes.values():
            try:
                os.killpg(process.pid, signal_number)
            except ProcessLookupError:
                continue
        for process in processes.values():
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue


def main() -> None:
    """Start, say where, and wait for Ctrl-C."""
    check_port()
    HOME.mkdir(parents=True, exist_ok=True)
    print("==> preparing Airflow's database", flush=True)
    airflow("db", "migrate")
    for pool in POOLS:
        airflow("pools", "set", *pool)
    print("==> starting Airflow (half a minute or so)", flush=True)
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, signal.default_int_handler)
    processes: dict[str, subprocess.Popen] = {}
    try:
        for component, arguments in COMPONENTS.items():
            processes[component] = start(component, arguments)
        wait_until_healthy(processes)
        password = json.loads(PASSWORDS.read_text())["admin"]
        print(
            f"\nAirflow is at {ADDRESS}, user admin, password {password}\n"
            "  The DAG app_sessions is on: its first run builds and publishes at once, others by\n"
            "  Trigger or when a day ends. Settings: ops/airflow/README.md\n"
            f"  Logs and database: {HOME}\n"
            "  Ctrl-C stops it.",
            flush=True,
        )
        while not ended(processes):
            time.sleep(1)
        raise SystemExit(f"Airflow's {ended(processes)[0]} has ended; its logs: {HOME}/*.log")
    except KeyboardInterrupt:
        print("==> stopping Airflow", flush=True)
    finally:
        stop(processes)


if __name__ == "__main__":
    main()
