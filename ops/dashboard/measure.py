"""Print how long each page takes to be drawn by a warm server: `measure.py`.

The server is started, and asked once for the first page, which is not measured: it loads what
every page needs. Then each page is asked for three times, and the least of them counts. The
database is the one that DASHBOARD_DB names. What else the machine does counts, too: the load is
printed beside.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from frame import PAGES

DASHBOARD_DIR = Path(__file__).resolve().parent
START_SECONDS = 60
TIMES = 3


def seconds_of(url: str) -> float:
    """How long the whole answer takes."""
    start = time.perf_counter()
    with urllib.request.urlopen(url, timeout=300) as answer:
        answer.read()
    return time.perf_counter() - start


def measure() -> dict[str, float]:
    """Seconds of each page, drawn by a server of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(DASHBOARD_DIR / "serve.py"), "--no-cache"]
    command += ["--project-dir", str(DASHBOARD_DIR), "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(5 * START_SECONDS):
            try:
                seconds_of(f"{url}/health")
                break
            except OSError:
                time.sleep(0.2)
        seconds_of(f"{url}/{next(iter(PAGES))}/")
        return {page: min(seconds_of(f"{url}/{page}/") for _ in range(TIMES)) for page in PAGES}
    finally:
        server.terminate()
        server.wait(timeout=20)


if __name__ == "__main__":
    load = os.getloadavg()[0]
    for page, seconds in measure().items():
        print(f"{page:<14}{seconds:5.2f} s")
    print(f"load before: {load:.1f}; {os.environ['DASHBOARD_DB']}")
