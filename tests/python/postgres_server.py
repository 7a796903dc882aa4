"""A PostgreSQL server of the tests' own, from the binaries of an installed package."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any

HOW_TO_INSTALL = "`make test-postgres` installs it (on Debian: apt-get install postgresql)"
DATABASE = "app_sessions"


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl, the newest where there are several; None without one."""
    found = list(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if found:
        return max(found, key=lambda path: int(re.sub(r"\D", "", path.parts[4]) or 0)).parent
    on_path = shutil.which("pg_ctl")
    return Path(on_path).resolve().parent if on_path else None


class PostgresServer:
    """A server in a temporary folder, on a free port of this machine; a context manager.

    It trusts everybody who reaches the port and does not wait for the disk: for tests only. As
    root it runs as another user, since PostgreSQL refuses to run as root. The database orders
    text by the rules of English, as many do: results must not depend on that.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="app_sessions_postgres_"))
        self.port = free_port()
        self.user = _unprivileged_user() if os.geteuid() == 0 else None

    def __enter__(self) -> PostgresServer:
        if self.user:
            shutil.chown(self.folder, self.user)
        data = self.folder / "data"
        self._run("initdb", "-A", "trust", "--no-sync", "-U", "postgres", "-E", "UTF8", "-D", data)
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "-D", data, "-l", self.folder / "log", "-o", options, "-w", "start")
        self.create_database(DATABASE)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-w", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def environment(self, database: str = DATABASE) -> dict[str, str]:
        """The variables that the target `postgres` reads."""
        return {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": "postgres",
            "PGPASSWORD": "none",
            "PGDATABASE": database,
        }

    def create_database(self, name: str) -> None:
        """One more database, empty."""
        self.run_sql(f"drop database if exists {name} with (force)", database="postgres")
        self.run_sql(
            f"create database {name} template template0 encoding 'UTF8'"
            " locale 'C.UTF-8' locale_provider icu icu_locale 'en-US'",
            database="postgres",
        )

    def run_sql(self, sql: str, database: str = DATABASE) -> list[tuple]:
        """The rows of a statement, if it has any; on a connection of its own."""
        with self.connect(database) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def copy_csv(self, table: str, path: Path, database: str = DATABASE) -> None:
        """Append a CSV file to a table; its header names the columns."""
        with path.open(encoding="utf-8") as file, self.connect(database) as connection:
            names = file.readline().strip()
            file.seek(0)
            connection.cursor().copy_expert(
                f"copy {table} ({names}) from stdin (format csv, header)", file
            )

    def connect(self, database: str) -> Any:
        """A psycopg2 connection that commits each statement."""
        import psycopg2

        environment = self.environment(database)
        connection = psycopg2.connect(
            host=environment["PGHOST"],
            port=self.port,
            user=environment["PGUSER"],
            dbname=database,
        )
        connection.autocommit = True
        return _Closing(connection)

    def _run(self, program: str, *arguments: str | Path) -> None:
        folder = binaries()
        assert folder, HOW_TO_INSTALL
        subprocess.run(
            [folder / program, *arguments],
            check=True,
            user=self.user,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )


class _Closing:
    """A connection that a `with` block closes: psycopg2's own only ends the transaction."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    def __enter__(self) -> Any:
        return self.connection

    def __exit__(self, *_: object) -> None:
        self.connection.close()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _unprivileged_user() -> str:
    """The user `postgres`, which the package makes, else `nobody`."""
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"
