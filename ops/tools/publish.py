"""Publish the built DuckDB file: a copy for readers, put in place in one step.

DuckDB lets one process write a file, or many read it. So dbt builds in a file of its own
(DUCKDB_PATH), and readers open a copy of it that nobody writes to, published after the build and
its tests have passed. The copy has the same file name in another folder, `published/` beside the
build or PUBLISH_DIR, since dbt writes the name into every view. It is made under a temporary name
and renamed, so that a reader sees the old file or the new one, whole; what goes wrong before that
leaves the old file as it is. Bytes are copied as they are, which on disks that share blocks between
files (XFS, Btrfs) takes no time; a file of which much is freed space is written anew.

A build is published only if dbt's target/run_results.json says that its tests ran and passed. The
file that was published before is kept as previous/, and `--previous` exchanges the two.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

PROJECT_DIR = Path(__file__).resolve().parents[2]
WORK_FOLDER = ".publishing"
PREVIOUS_FOLDER = "previous"
# how dbt names what went well; all else did not, or did not run
GOOD_STATUSES = {"success", "pass", "warn", "no-op"}
# dbt closes the file, which writes to it, shortly after it has written its results
SECONDS_TO_CLOSE = 300
# of a file's blocks; where more are free, readers get a file without them
MOST_FREE = 1 / 3

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


def previous_path(published: Path) -> Path:
    """Where the file is kept that was published before."""
    return published.parent / PREVIOUS_FOLDER / published.name


def target_path() -> Path:
    """The folder into which dbt writes what it did, as dbt finds it."""
    return PROJECT_DIR / (os.environ.get("DBT_TARGET_PATH") or "target")


def file_mode() -> int:
    """Who may read the published file: PUBLISH_MODE, an octal number; owner and group without."""
    given = os.environ.get("PUBLISH_MODE") or "440"
    try:
        mode = int(given, 8)
    except ValueError:
        mode = -1
    if not 0 <= mode <= 0o777 or mode & 0o400 == 0:
        raise SystemExit(
            f"PUBLISH_MODE must be an octal number such as 440 or 444 that lets the owner read, "
            f"got '{given}'."
        )
    return mode


def check_tests(build: Path, target: Path) -> None:
    """Stop unless dbt's last command tested this build, all of it, and every test passed.

    Arguments:
        build: the DuckDB file that is to be published.
        target: the folder of dbt's run_results.json and manifest.json.

    Raises:
        SystemExit: a test failed or did not run; the text says which, and what to do.
    """
    way_out = (
        "Run `dbt build --exclude-resource-type unit_test` or `dbt test --exclude-resource-type "
        "unit_test`, and publish again. Nothing was published."
    )
    run, manifest = read_json(target / "run_results.json"), read_json(target / "manifest.json")
    if run is None or manifest is None:
        raise SystemExit(f"{target} does not say whether {build} was tested. {way_out}")
    command = run["args"].get("which")
    if command not in ("build", "test"):
        raise SystemExit(f"dbt's last command, `{command}`, ran no tests of {build}. {way_out}")
    databases = {
        node["database"] for node in manifest["nodes"].values() if node["resource_type"] == "model"
    }
    # DuckDB calls a database by its file, up to the first dot
    if next(filter(None, build.name.split(".")), None) not in databases:
        named = ", ".join(sorted(databases))
        raise SystemExit(
            f"dbt's last `{command}` was of the database {named}, not of {build}. {way_out}"
        )
    statuses = {result["unique_id"]: result["status"] for result in run["results"]}
    bad = sorted(name for name, status in statuses.items() if status not in GOOD_STATUSES)
    if bad:
        named = ", ".join(f"{name.split('.')[2]} ({statuses[name]})" for name in bad[:3])
        more = f" and {len(bad) - 3} more" if len(bad) > 3 else ""
        raise SystemExit(f"dbt's last `{command}` did not pass: {named}{more}. {way_out}")
    lacking = sorted(
        node["name"]
        for name, node in manifest["nodes"].items()
        if node["resource_type"] == "test"
        and node["config"]["enabled"]  # dbt lists a few tests of models that are off
        and name not in statuses
    )
    if lacking or not any(name.startswith("test.") for name in statuses):
        named = f", for instance {lacking[0]}" if lacking else ""
        raise SystemExit(
            f"dbt's last `{command}` did not run {len(lacking)} of the tests{named}. {way_out}"
        )
    started_at, ended_at = (
        datetime.fromisoformat(run["metadata"][name]).timestamp()
        for name in ("invocation_started_at", "generated_at")
    )
    built_at = build.stat().st_mtime
    if built_at > ended_at + SECONDS_TO_CLOSE:
        raise SystemExit(f"{build} was written to after dbt's last `{command}`. {way_out}")
    if command == "build" and built_at < started_at - 2:  # some disks know even seconds only
        raise SystemExit(f"dbt's last `build` was of another file than {build}. {way_out}")


def read_json(path: Path) -> dict[str, Any] | None:
    """What a file says, or None where there is none, or half of one."""
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None


def publish(build: Path, published: Path, *, keep: bool = True) -> Path:
    """Put a copy of a closed build in place for readers.

    Arguments:
        build: the DuckDB file that dbt wrote.
        published: the file that readers open, in another folder under the same name.
        keep: keep what was published before, in place of an earlier such file. Else it is deleted,
            and both the build and its copy are written anew, without the rows that were deleted.

    Returns:
        `published`.

    Raises:
        SystemExit: there is no build, a process writes to it, or to the published file, or the
            copy is not what was built; the text says what to do. The published file is as before.
    """
    check(build, published)
    mode = file_mode()
    published.parent.mkdir(parents=True, exist_ok=True)
    with only_one_in(published.parent), work_folder(published.parent) as work:
        copy = work / build.name
        copy_build(build, copy, anew=not keep)
        os.chmod(copy, mode)  # nobody but the next publish may change it
        sync(copy)
        previous = previous_path(published)
        if keep and published.is_file():
            previous.parent.mkdir(exist_ok=True)
            os.replace(second_name(published, work / "previous"), previous)
        os.replace(copy, published)
        sync(published.parent)
        if not keep:
            shutil.rmtree(previous.parent, ignore_errors=True)
    return published


def put_back(published: Path) -> Path:
    """Exchange the published file and the one that was published before it.

    Raises:
        SystemExit: there is no such file; the published file is as before.
    """
    previous = previous_path(published)
    if not previous.is_file():
        raise SystemExit(
            f"There is no {previous}: one file is kept, from the second publish on. "
            "Nothing was changed."
        )
    with only_one_in(published.parent), work_folder(published.parent) as work:
        newer = second_name(published, work / "newer") if published.is_file() else None
        os.replace(second_name(previous, work / "older"), published)
        if newer:
            os.replace(newer, previous)
        sync(published.parent)
    return published


def second_name(file: Path, name: Path) -> Path:
    """A second name of a file, or a copy where the disk knows no second names."""
    try:
        os.link(file, name)
    except OSError:
        shutil.copy2(file, name)
    return name


@contextmanager
def work_folder(folder: Path) -> Iterator[Path]:
    """A folder for unfinished files that only the owner may enter, empty at the start."""
    work = folder / WORK_FOLDER
    shutil.rmtree(work, ignore_errors=True)  # of a run that was killed
    work.mkdir(mode=0o700)
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


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


def copy_build(build: Path, copy: Path, *, anew: bool) -> None:
    """Copy all that is in `build`; `anew`: no block as it is, and replace the build by that, too.

    The build is open for reading meanwhile, which keeps writers out.

    Raises:
        SystemExit: the build is locked or broken, or the copy has not what the build has.
    """
    try:
        with duckdb.connect(config=limits()) as connection:
            connection.execute(f"attach {literal(build)} as build (read_only)")
            if anew or free_share(connection) > MOST_FREE:
                connection.execute(f"attach {literal(copy)} as copy")
                connection.execute("copy from database build to copy")
            else:
                copy_bytes(build, copy)
                connection.execute(f"attach {literal(copy)} as copy (read_only)")
            built, copied = contents(connection, "build"), contents(connection, "copy")
            if built != copied:
                raise SystemExit(
                    f"The copy of {build} differs from it in {sorted(built ^ copied)}."
                )
            connection.execute("detach copy")
            if anew:
                replace_bytes(build, copy)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise SystemExit(
            f"{build} cannot be published: {reason} "
            "Run `make build` again once no other process uses the file."
        ) from error


def free_share(connection: duckdb.DuckDBPyConnection) -> float:
    """Which part of the build's blocks holds nothing any more."""
    ((total, free),) = connection.execute(
        "select total_blocks, free_blocks from pragma_database_size() where database_name = 'build'"
    ).fetchall()
    return free / max(total, 1)


def copy_bytes(source: Path, copy: Path) -> None:
    """Copy a file's bytes; where the disk can, the copy shares them until one of the two changes.

    The source is closed last of all: what closes a file of this process gives up DuckDB's lock.
    """
    with source.open("rb") as reading, copy.open("wb") as writing:
        left = os.fstat(reading.fileno()).st_size
        try:
            while left and (done := os.copy_file_range(reading.fileno(), writing.fileno(), left)):
                left -= done
        except (AttributeError, OSError):  # not Linux, or a disk that does not know it
            pass
        if left:
            reading.seek(0)
            writing.seek(0)
            shutil.copyfileobj(reading, writing, 16 * 1024 * 1024)


def replace_bytes(file: Path, copy: Path) -> None:
    """Put the bytes of `copy` in the place of a file, whose mode and times stay."""
    newer = file.with_name(file.name + ".newer")
    copy_bytes(copy, newer)
    shutil.copystat(file, newer)
    sync(newer)
    os.replace(newer, file)


def contents(connection: duckdb.DuckDBPyConnection, catalog: str) -> set[tuple]:
    """Each table with its number of rows, and each view."""
    found: set[tuple] = set(connection.execute(VIEWS.format(catalog)).fetchall())
    for schema, table in connection.execute(TABLES.format(catalog)).fetchall():
        count = f"select count(*) from {catalog}.{identifier(schema)}.{identifier(table)}"
        found.add((schema, table, *connection.execute(count).fetchone()))
    return found


def limits() -> dict[str, str]:
    """DuckDB's settings that profiles.yml takes from the environment, too."""
    names = {
        name: f"DUCKDB_{name.upper()}" for name in ("memory_limit", "temp_directory", "threads")
    }
    return {name: os.environ[key] for name, key in names.items() if os.environ.get(key)}


def literal(path: Path) -> str:
    """A path as an SQL literal."""
    return "'" + str(path).replace("'", "''") + "'"


def identifier(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def sync(path: Path) -> None:
    """Have a file's bytes, or a folder's names, on the disk before going on."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def written_at(path: Path) -> str:
    """When a file was written, in UTC."""
    return f"{datetime.fromtimestamp(path.stat().st_mtime, UTC):%Y-%m-%d %H:%M:%S} UTC"


def main() -> None:
    """Publish, or put back what was published before, and say so."""
    parser = argparse.ArgumentParser(description="Publish the DuckDB file that dbt has built.")
    parser.add_argument(
        "--previous", action="store_true", help="put back the file that was published before"
    )
    parser.add_argument(
        "--untested", action="store_true", help="publish a build whatever its tests say"
    )
    parser.add_argument(
        "--forget-previous",
        action="store_true",
        help="keep no file that was published before, and no deleted row in this one or the build, "
        "as after people were erased",
    )
    options = parser.parse_args()
    build = database_path()
    published = published_path(build)
    if options.previous:
        put_back(published)
        print(f"Put back {published}, published {written_at(published)}.")
        print("The newer file is kept as the previous one; the next publish replaces both.")
    else:
        check(build, published)
        if not options.untested:
            check_tests(build, target_path())
        publish(build, published, keep=not options.forget_previous)
        print(f"Published {published} ({published.stat().st_size / 1e6:,.1f} MB)")
        if options.forget_previous:
            print("What was published before is deleted, and so are deleted rows.")
        elif previous_path(published).is_file():
            print(f"Kept the one before as {previous_path(published)} (publish.py --previous)")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
