"""A Trino server of the tests' own, with an Iceberg catalog in local files.

Run as a script it brings the server's files from Maven Central: `python trino_server.py FOLDER`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any

from maven_central import bring
from postgres_server import free_port

VERSION = "476"
LEAST_JAVA = 24
HOW_TO_INSTALL = (
    f"`make test-trino` brings it; Java {LEAST_JAVA} or newer has to be there"
    " (TRINO_JAVA_HOME names one)"
)
FOLDER = Path(__file__).resolve().parents[2] / ".venv-trino"
# SHA-256 of what is run
FILES = {
    f"io/trino/trino-server-core/{VERSION}/trino-server-core-{VERSION}.tar.gz": (
        "0f388f9967c177ae70a47c099082fc95387f0c3cb96d8000d1d41fc3a5223158"
    ),
    f"io/trino/trino-iceberg/{VERSION}/trino-iceberg-{VERSION}.zip": (
        "99edba5b491ed94d599aeb61e0794272d3569d8b563f3bb8569e8a49daa87b6c"
    ),
}
CATALOG = "iceberg"
SETTINGS = {
    "node.properties": "node.environment=test\nnode.id=one\nnode.data-dir={folder}/data\n",
    "jvm.config": (
        "-server\n-Xmx5G\n-XX:+UseG1GC\n-Djdk.attach.allowAttachSelf=true\n"
        "-Dfile.encoding=UTF-8\n--enable-native-access=ALL-UNNAMED\n"
        "--add-modules=jdk.incubator.vector\n"
    ),
    "config.properties": (
        "coordinator=true\nnode-scheduler.include-coordinator=true\n"
        "http-server.http.port={port}\ndiscovery.uri=http://127.0.0.1:{port}\n"
    ),
    "log.properties": "io.trino=WARN\n",
    f"catalog/{CATALOG}.properties": (
        "connector.name=iceberg\niceberg.catalog.type=TESTING_FILE_METASTORE\n"
        "hive.metastore.catalog.dir=local:///lake\nfs.native-local.enabled=true\n"
        "local.location={folder}/lake\n"
    ),
}


def installed() -> Path | None:
    """The server's folder, or None."""
    folder = FOLDER / f"trino-server-core-{VERSION}"
    return folder if (folder / "plugin" / "iceberg").is_dir() else None


@cache
def java_home() -> Path | None:
    """A Java that Trino runs on: of TRINO_JAVA_HOME, JAVA_HOME, or installed by the system."""
    named = [
        Path(os.environ[name]) for name in ("TRINO_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)
    ]
    for home in [*named, *sorted(Path("/usr/lib/jvm").glob("*"))]:
        if not (home / "bin" / "java").exists():
            continue
        said = subprocess.run([home / "bin" / "java", "-version"], capture_output=True, text=True)
        version = re.search(r'version "(\d+)', said.stderr)
        if version and int(version[1]) >= LEAST_JAVA:
            return home
    return None


def install(folder: Path) -> None:
    """Bring the server and its Iceberg plugin, half a gigabyte, and unpack them."""
    server = folder / f"trino-server-core-{VERSION}"
    shutil.rmtree(server, ignore_errors=True)
    for archive in bring(FILES, folder):
        if archive.suffix == ".zip":
            with zipfile.ZipFile(archive) as plugin:
                plugin.extractall(server / "plugin")
            (server / "plugin" / archive.stem).rename(server / "plugin" / "iceberg")
        else:
            with tarfile.open(archive) as files:
                files.extractall(folder, filter="tar")
        archive.unlink()


class TrinoServer:
    """A server in a temporary folder, on a free port of this machine; a context manager."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="app_sessions_trino_"))
        self.port = free_port()
        self.process: subprocess.Popen | None = None

    def __enter__(self) -> TrinoServer:
        server, java = installed(), java_home()
        assert server and java, HOW_TO_INSTALL
        settings = self.folder / "etc"
        (settings / "catalog").mkdir(parents=True)
        (self.folder / "lake").mkdir()
        for name, text in SETTINGS.items():
            values = {"folder": self.folder, "port": self.port}
            (settings / name).write_text(text.format(**values), encoding="utf-8")
        self.process = subprocess.Popen(
            [server / "bin" / "launcher", "run", "--etc-dir", settings],
            env={**os.environ, "JAVA_HOME": str(java), "PATH": f"{java}/bin:{os.environ['PATH']}"},
            stdout=(self.folder / "server.log").open("w"),
            stderr=subprocess.STDOUT,
        )
        self._wait()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self) -> dict[str, str]:
        """The variables that the target `trino` reads."""
        return {
            "TRINO_HOST": "127.0.0.1",
            "TRINO_PORT": str(self.port),
            "TRINO_USER": "tests",
            "TRINO_CATALOG": CATALOG,
        }

    def run_sql(self, sql: str) -> list[tuple]:
        """The rows of a statement, if it has any."""
        from trino.dbapi import connect

        connection = connect(host="127.0.0.1", port=self.port, user="tests", catalog=CATALOG)
        cursor = connection.cursor()
        cursor.execute(sql)
        return [tuple(row) for row in cursor.fetchall()]

    def _wait(self) -> None:
        for _ in range(300):
            assert self.process and self.process.poll() is None, self._log()
            if self._answers():
                return
            time.sleep(1)
        raise TimeoutError(f"Trino did not start in 300 s: {self._log()}")

    def _answers(self) -> bool:
        """Whether a node is there to run a query."""
        try:
            return self.run_sql("select count(*) from system.runtime.nodes") != [(0,)]
        except Exception:  # of many kinds, as long as it starts
            return False

    def _log(self) -> Any:
        return (self.folder / "server.log").read_text()[-2000:]


if __name__ == "__main__":
    install(Path(sys.argv[1]))
