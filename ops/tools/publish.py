"""Publish the built DuckDB file: a compact copy for readers, put in place in one step.

DuckDB lets one process write a file, or many read it. So dbt builds in a file of its own
(DUCKDB_PATH), and readers open a copy of it that nobody writes to, published after the build and
its tests have passed. The copy has the same file name in another folder, `published/` beside the
build or PUBLISH_DIR, since dbt writes the name into every view. It is made under a temporary name
and renamed, so that a reader sees the old file or the new one, whole; what goes wrong before that
leaves the old file as it is.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

PROJECT_DIR = Path(__file__).resolve().parents[2]
WORK_FOLDER = ".publishing"

TABLES = "select schema_name, table_name from duckdb_tables() where database_name = '{}'"
VIEWS = """
    select schema_name, view_name from duckdb_views() where database_name = '{}' and not internal
"""


def database_path() -> Path:
    """The DuckDB file that target `duckdb` builds: DUCKDB_PATH, below the project folder."""
    return PROJECT_DIR / (os.environ.get("DUCKDB_PATH") or "app_sessions.duckdb")


def published_path(build: Path) -> Path:
    """Where the copy of `build` is published: below PUBLISH_DIR, or `published/` beside it."""
    folder = os.environ.get("PUBLISH_DIR")
    return (PROJECT_DIR / folder if folder else build.parent / "published") / build.name


def publish(build: Path, published: Path) -> Path:
    """Put a compact copy of a closed build in place for readers.

    Arguments:
        build: the DuckDB file that dbt wrote.
        published: the file that readers open, in another folder under the same name.

    Returns:
        `published`.

    Raises:
        SystemExit: there is no build, a process writes to it, or to the published file, or the
            copy is not what was built; the text says what to do. The published file is as before.
    """
    check(build, published)
    published.parent.mkdir(parents=True, exist_ok=True)
    with only_one_in(published.parent):
        work = published.parent / WORK_FOLDER
        shutil.rmtree(work, ignore_errors=True)  # of a run that was killed
        work.mkdir()
        try:
            copy = work / build.name
            copy_compactly(build, copy)
            os.chmod(copy, 0o444)  # nobody but the next publish may change it
            sync(copy)
            os.replace(copy, published)
            sync(published.parent)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    return published


def check(build: Path, published: Path) -> None:
    """Stop, with the way out, where a copy would be half a build or would meet a writer."""
    if not build.is_file():
        raise SystemExit(f"There is no database at {build}. Run `make build` first.")
    if build.resolve() == published.resolve() or build.name != published.name:
        raise SystemExit(
            f"{build} cannot be published as {published}: readers need a folder of their own and "
            "the same file name, which dbt's views carry. Set PUBLISH_DIR to another folder."
        )
    if log_of(build).exists():
        raise SystemExit(
            f"{log_of(build)} shows that a process is writing to {build}, or was killed while it "
            "did. Let it end, or run `make build` again; nothing was published."
        )
    if log_of(published).exists():
        raise SystemExit(
            f"{log_of(published)} shows that a process has opened the published file for writing. "
            "Let it end, delete that log (what is in it was never built), and publish again; "
            "readers open the file with read_only."
        )


def log_of(database: Path) -> Path:
    """DuckDB's write-ahead log of a file, there while a process writes to it."""
    return database.with_name(database.name + ".wal")


@contextmanager
def only_one_in(folder: Path) -> Iterator[None]:
    """Wait until no other process publishes into the folder; the lock ends with the process."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def copy_compactly(build: Path, copy: Path) -> None:
    """Write all that is in `build` into a new file, without the space that dbt freed.

    The build is open for reading meanwhile, which keeps writers out.

    Raises:
        SystemExit: the build is locked or broken, or the copy has not what the build has.
    """
    try:
        with duckdb.connect(config=limits()) as connection:
            connection.execute(f"attach {literal(build)} as build (read_only)")
            connection.execute(f"attach {literal(copy)} as copy")
            connection.execute("copy from database build to copy")
            built, copied = contents(connection, "build"), contents(connection, "copy")
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise SystemExit(
            f"{build} cannot be published: {reason} "
            "Run `make build` again once no other process uses the file."
        ) from error
    if built != copied:
        raise SystemExit(f"The copy of {build} differs from it in {sorted(built ^ copied)}.")


def contents(connection: duckdb.DuckDBPyConnection, catalog: str) -> set[tuple]:
    """Each table with its number of rows, and each view."""
    found: set[tuple] = set(connection.execute(VIEWS.format(catalog)).fetchall())
    for schema, table in connection.execute(TABLES.format(catalog)).fetchall():
        count = f'select count(*) from {catalog}."{schema}"."{table}"'
        found.add((schema, table, *connection.execute(count).fetchone()))
    return found


def limits() -> dict[str, str]:
    """DuckDB's settings that profiles.yml takes from the environment, too."""
    names = {"memory_limit": "DUCKDB_MEMORY_LIMIT", "temp_directory": "DUCKDB_TEMP_DIRECTORY"}
    return {name: os.environ[key] for name, key in names.items() if os.environ.get(key)}


def literal(path: Path) -> str:
    """A path as an SQL literal."""
    return "'" + str(path).replace("'", "''") + "'"


def sync(path: Path) -> None:
    """Have a file's bytes, or a folder's names, on the disk before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


if __name__ == "__main__":
    source = database_path()
    target = publish(source, published_path(source))
    print(f"Published {target} ({target.stat().st_size / 1e6:,.1f} MB)")
    sys.stdout.flush()
