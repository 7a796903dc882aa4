"""Publishing: readers never meet a lock, half a build, or a build whose tests failed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from dbt_harness import DATABASE_FILE, PROJECT_DIR, Dbt
from test_hostile_names import PAYLOADS

PUBLISH = PROJECT_DIR / "ops" / "tools" / "publish.py"
ROWS = 20_000
# one connection per read, as a dashboard has it; ends when the file named first is gone
READER = """
import sys, pathlib, duckdb
go_on, published, rows = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
reads, seen = 0, set()
while go_on.exists():
    with duckdb.connect(published, read_only=True) as connection:
        ((one, other, view, count),) = connection.execute('''
            select (select max(version) from core.first), (select min(version) from core.first),
                (select max(version) from core.seen), (select count(*) from core.first)
        ''').fetchall()
    assert one == other == view and count == rows, f"torn read {one, other, view, count}"
    reads += 1
    seen.add(one)
print(reads, len(seen))
"""


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A small build of version 1."""
    path = tmp_path / DATABASE_FILE
    write(path, 1)
    return path


def write(path: Path, version: int) -> None:
    """Build a version: two tables one after the other, and a view on the second."""
    name = path.stem
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema if not exists core")
        for table in ("first", "second"):
            connection.execute(
                f"create or replace table core.{table} as"
                f" select {version} as version, range as number from range({ROWS})"
            )
        connection.execute(
            f'create or replace view core.seen as select * from "{name}"."core"."second"'
        )
    tested(path)


def tested(
    build: Path,
    which: str = "build",
    minutes: int = 0,
    database: str = Path(DATABASE_FILE).stem,
    **statuses: str | None,
) -> None:
    """What dbt says of its last command: two tests of `first` passed, `minutes` from now.

    `statuses`: of these nodes it says something else; None: nothing.
    """
    names = {"model": ["first", "second"], "test": ["unique_first", "not_null_first"]}
    given = {"first": "success", "second": "success", "unique_first": "pass"}
    given |= {"not_null_first": "warn"} | statuses
    nodes = {f"{kind}.mine.{name}": kind for kind, found in names.items() for name in found}
    ended_at = datetime.now(UTC) + timedelta(minutes=minutes)
    results = {
        "metadata": {
            "generated_at": ended_at.isoformat().replace("+00:00", "Z"),
            "invocation_started_at": (ended_at - timedelta(minutes=1)).isoformat(),
        },
        "args": {"which": which},
        "results": [
            {"unique_id": name, "status": given[name.split(".")[2]]}
            for name in nodes
            if given[name.split(".")[2]]
        ],
    }
    manifest = {
        "nodes": {
            name: {
                "resource_type": kind,
                "database": database,
                "name": name.split(".")[2],
                "config": {"enabled": not name.endswith(".off")},
            }
            for name, kind in [*nodes.items(), ("test.mine.off", "test")]
        }
    }
    target = build.parent / "target"
    target.mkdir(exist_ok=True)
    (target / "run_results.json").write_text(json.dumps(results))
    (target / "manifest.json").write_text(json.dumps(manifest))


def published_by(build: Path) -> Path:
    """Where the default puts the copy."""
    return build.parent / "published" / build.name


def publish(
    build: Path, script: str | None = None, options: str = "", **environment: str
) -> subprocess.Popen[str]:
    """ops/tools/publish.py as a process; `script` runs in it first, with the module imported."""
    command = [str(PUBLISH), *options.split()]
    if script:
        command = [
            "-c",
            f"import os, signal, sys; sys.path.insert(0, {str(PUBLISH.parent)!r})\n"
            f"import publish\n{script}\n"
            "build = publish.database_path()\n"
            "publish.publish(build, publish.published_path(build))",
        ]
    # the caller's settings are not for tests
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PUBLISH_")}
    clean["DBT_TARGET_PATH"] = str(build.parent / "target")
    return subprocess.Popen(
        [sys.executable, *command],
        env=clean | {"DUCKDB_PATH": str(build)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def published(build: Path, options: str = "", **environment: str) -> str:
    """Publish, and what was said."""
    process = publish(build, options=options, **environment)
    said = process.communicate()[0]
    assert process.returncode == 0, said
    return said


def refused(build: Path, options: str = "", **environment: str) -> str:
    """Publish, which fails, and what was said: a sentence and no traceback."""
    process = publish(build, options=options, **environment)
    said = process.communicate()[0]
    assert process.returncode == 1
    assert "Traceback" not in said
    return said


def version_of(path: Path) -> int:
    """The one version in the file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        ((low, high),) = connection.execute(
            "select least(min(first.version), min(seen.version)),"
            " greatest(max(first.version), max(seen.version)) from core.first, core.seen"
            " where first.number = seen.number"
        ).fetchall()
    assert low == high
    return low


def test_readers_meet_no_lock_and_no_half_build(build: Path, tmp_path: Path):
    published(build)
    go_on = tmp_path / "go_on"
    go_on.touch()
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(go_on), str(published_by(build)), str(ROWS)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    for version in range(2, 8):
        write(build, version)
        published(build)
    go_on.unlink()
    for reader in readers:
        said = reader.communicate()[0]
        assert reader.returncode == 0, said
        reads, versions = map(int, said.split())
        assert reads > 20
        assert versions > 2
    assert version_of(published_by(build)) == 7


def free_blocks(path: Path) -> tuple[int, int]:
    """How many blocks of the file hold nothing, and how many there are."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(
            "select free_blocks, total_blocks from pragma_database_size()"
        ).fetchall()[0]


def test_what_is_published_is_for_reading_only_and_has_little_free_space(build: Path):
    path = published_by(build)
    published(build)
    assert hash(path.read_bytes()) == hash(build.read_bytes())
    for version in range(2, 6):
        write(build, version)
    free, blocks = free_blocks(build)
    assert free > blocks / 3
    published(build)
    assert sorted(file.name for file in path.parent.iterdir()) == [DATABASE_FILE, "previous"]
    assert version_of(path) == 5
    assert path.stat().st_mode & 0o222 == 0
    free, blocks = free_blocks(path)
    assert free <= blocks // 10


def holds(file: Path, text: bytes) -> bool:
    """Whether a text is anywhere in the file."""
    return text in file.read_bytes()


def test_deleted_rows_are_in_no_file_once_they_are_to_be_forgotten(build: Path):
    secret = b"the id of a person who was erased"
    with duckdb.connect(str(build)) as connection:
        connection.execute("set force_compression = 'uncompressed'")  # so that it can be found
        connection.execute(
            "create table core.ids as select md5(range::text) || ? as id from range(20000)",
            [secret.decode()],
        )
        connection.execute("checkpoint")
        # what comes after it keeps the file from being cut, and the blocks that are freed are few
        connection.execute(
            "create table core.kept as select md5(range::text) as filler from range(300000)"
        )
        connection.execute("checkpoint")
        connection.execute("drop table core.ids")
    free, blocks = free_blocks(build)
    assert 0 < free < blocks / 3
    assert holds(build, secret)
    tested(build)
    mode, written_at = build.stat().st_mode, build.stat().st_mtime
    published(build, "--forget-previous")
    for file in (build, published_by(build)):
        assert not holds(file, secret)
        assert version_of(file) == 1
    assert (build.stat().st_mode, build.stat().st_mtime) == (mode, written_at)
    published(build)  # its tests count still
    write(build, 2)
    published(build)


@pytest.mark.parametrize("moment", ["contents", "sync", "os.replace"])
def test_a_killed_publish_leaves_the_old_file_and_the_next_tidies_up(build: Path, moment: str):
    published(build)
    write(build, 2)
    # at the start, in the middle and at the end of what can go wrong
    process = publish(
        build, f"publish.{moment} = lambda *args: os.kill(os.getpid(), signal.SIGKILL)"
    )
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    path = published_by(build)
    assert version_of(path) == 1
    assert (path.parent / ".publishing" / DATABASE_FILE).exists()
    for _ in range(2):  # nothing grows
        process = publish(build, "publish.sync = lambda *args: os.kill(os.getpid(), 9)")
        process.communicate()
        assert sorted(file.name for file in path.parent.rglob("*") if file.is_file()) == [
            DATABASE_FILE,
            DATABASE_FILE,
        ]
    published(build)
    assert version_of(path) == 2
    assert sorted(file.name for file in path.parent.iterdir()) == [DATABASE_FILE, "previous"]


@pytest.mark.parametrize("replaced", [1, 2])
def test_a_killed_put_back_leaves_whole_files(build: Path, replaced: int):
    published(build)
    write(build, 2)
    published(build)
    process = publish(
        build,
        "real, calls = os.replace, []\n"
        "def replace(*args):\n"
        "    calls.append(args)\n"
        f"    os.kill(os.getpid(), 9) if len(calls) == {replaced} else real(*args)\n"
        "publish.os.replace = replace\n"
        "publish.put_back(publish.published_path(publish.database_path()))",
    )
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert version_of(published_by(build)) == 3 - replaced
    assert version_of(published_by(build).parent / "previous" / DATABASE_FILE) == 1
    write(build, 3)
    published(build)
    assert version_of(published_by(build)) == 3


def test_the_one_before_can_be_put_back(build: Path):
    path = published_by(build)
    previous = path.parent / "previous" / DATABASE_FILE
    published(build)
    said = refused(build, "--previous")
    assert f"There is no {previous}" in said
    assert "Nothing was changed." in said
    for version in (2, 3):
        write(build, version)
        assert f"Kept the one before as {previous}" in published(build)
        assert (version_of(path), version_of(previous)) == (version, version - 1)
    tested(build, unique_first="fail")  # the new build has no say in it
    said = published(build, "--previous")
    assert f"Put back {path}, published 20" in said
    assert (version_of(path), version_of(previous)) == (2, 3)
    assert path.stat().st_mode & 0o777 == 0o440
    published(build, "--previous")
    assert (version_of(path), version_of(previous)) == (3, 2)
    tested(build)
    assert "deleted" in published(build, "--forget-previous")
    assert sorted(file.name for file in path.parent.iterdir()) == [DATABASE_FILE]


BAD_RUNS = {
    "failed": ({"unique_first": "fail"}, "did not pass: unique_first (fail)"),
    "broken": ({"first": "error", "unique_first": "skipped"}, "first (error), unique_first (skip"),
    "left out": ({"unique_first": None}, "did not run 1 of the tests, for instance unique_first"),
    "all left out": (
        {"unique_first": None, "not_null_first": None},
        "did not run 2 of the tests, for instance not_null_first",
    ),
    "compiled": (
        {"which": "compile", "unique_first": "success", "not_null_first": "success"},
        "dbt's last command, `compile`, ran no tests of",
    ),
    "run": ({"which": "run"}, "dbt's last command, `run`, ran no tests of"),
    "changed since": ({"minutes": -10, "which": "test"}, "was written to after dbt's last `test`"),
    "of another file": ({"minutes": 10}, "dbt's last `build` was of another file than"),
    "tests of another database": (
        {"which": "test", "database": "own"},
        "dbt's last `test` was of the database own, not of",
    ),
}


@pytest.mark.parametrize("name", BAD_RUNS)
def test_a_build_whose_tests_failed_or_did_not_run_is_not_published(build: Path, name: str):
    published(build)
    write(build, 2)
    run, expected = BAD_RUNS[name]
    tested(build, **run)
    said = refused(build)
    assert expected in said
    assert "Nothing was published." in said
    assert version_of(published_by(build)) == 1
    published(build, "--untested")
    assert version_of(published_by(build)) == 2


def test_a_build_of_which_nothing_is_known_is_not_published(build: Path):
    for content in ("{", None):  # half a file, none
        path = build.parent / "target" / "run_results.json"
        path.unlink()
        if content:
            path.write_text(content)
        assert f"{path.parent} does not say whether {build} was tested" in refused(build)
        path.touch()
    assert not published_by(build).exists()
    tested(build, which="test", minutes=10)  # tests write nothing, so the file is older
    published(build)


def test_not_everybody_may_read_the_published_file(build: Path):
    process = publish(
        build,
        "real = publish.copy_build\n"
        "def copy(build, copy, anew):\n"
        "    real(build, copy, anew=anew)\n"
        "    print(oct(copy.parent.stat().st_mode & 0o777))\n"
        "publish.copy_build = copy",
    )
    assert process.communicate()[0].strip() == "0o700"
    assert published_by(build).stat().st_mode & 0o777 == 0o440
    published(build, PUBLISH_MODE="444")
    assert published_by(build).stat().st_mode & 0o777 == 0o444
    for bad in ("rw-r-----", "999", "040", "10000"):
        assert "PUBLISH_MODE must be an octal number such as 440" in refused(
            build, PUBLISH_MODE=bad
        )


def test_publishes_at_the_same_time_wait_for_each_other(build: Path):
    first = publish(
        build,
        "import time\nreal = publish.sync\npublish.sync = lambda p: (time.sleep(1), real(p))",
    )
    time.sleep(1)
    second = publish(build)
    for process in (first, second):
        said = process.communicate()[0]
        assert process.returncode == 0, said
    assert version_of(published_by(build)) == 1


def test_a_build_that_is_written_to_is_not_published(build: Path):
    published(build)
    write(build, 2)
    with duckdb.connect(str(build)) as writer:
        # before it has written anything it holds the lock, afterwards there is a log as well
        assert "Could not set lock on file" in refused(build)
        writer.execute("update core.first set version = 3")
        said = refused(build)
        assert f"{build}.wal shows that a process is writing to {build}" in said
        assert "make build" in said
    assert version_of(published_by(build)) == 1
    published(build)
    with duckdb.connect(str(published_by(build)), read_only=True) as connection:
        assert connection.execute("select max(version) from core.first").fetchall() == [(3,)]


def test_a_published_file_that_somebody_writes_to_is_not_replaced(build: Path):
    published(build)
    path = published_by(build)
    path.chmod(0o644)
    with duckdb.connect(str(path)) as writer:
        writer.execute("create table core.mine as select 1 as one")
        assert "has opened the published file for writing" in refused(build)
    published(build)


def test_publishing_keeps_to_the_cores_and_memory_of_builds(build: Path):
    limits = {"DUCKDB_THREADS": "3", "DUCKDB_MEMORY_LIMIT": "1GB"}
    process = publish(build, script="print(sorted(publish.limits().items()))", **limits)
    assert "[('memory_limit', '1GB'), ('threads', '3')]" in process.communicate()[0]
    assert published(build, **limits)
    assert "'none'" in refused(build, DUCKDB_THREADS="none")


def test_where_there_is_nothing_to_publish_the_message_says_what_to_do(tmp_path: Path):
    said = refused(tmp_path / DATABASE_FILE)
    assert f"There is no database at {tmp_path / DATABASE_FILE}. Run `make build` first." in said
    assert not (tmp_path / "published").exists()


def test_the_folder_can_be_chosen_but_not_the_folder_of_the_build(build: Path, tmp_path: Path):
    published(build, PUBLISH_DIR=str(tmp_path / "elsewhere"))
    assert version_of(tmp_path / "elsewhere" / DATABASE_FILE) == 1
    assert "Set PUBLISH_DIR to another folder" in refused(build, PUBLISH_DIR=str(tmp_path))


def test_names_of_folders_files_tables_and_columns_are_data(tmp_path: Path):
    """Published as they are, whatever is in them; nothing of them runs."""
    # DuckDB itself opens no database whose path has a question mark
    names = [name[:60].replace("/", "_") for name in PAYLOADS if "?" not in name]
    folder = tmp_path.joinpath(*names[:12])
    elsewhere = tmp_path.joinpath("elsewhere", *names[12:])
    folder.mkdir(parents=True)
    path = folder / f"{names[2]}.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema core")
        for number, name in enumerate(names):
            quoted = '"' + name.replace('"', '""') + '"'
            connection.execute(
                f"create table core.{quoted} as select {number} as number, ? as {quoted}", [name]
            )
    tested(path, database=next(filter(None, path.name.split("."))))
    published(path, PUBLISH_DIR=str(elsewhere))
    with duckdb.connect(str(elsewhere / path.name), read_only=True) as connection:
        found = connection.execute(
            "select table_name from information_schema.tables order by all"
        ).fetchall()
        assert found == sorted((name,) for name in names)
        assert connection.execute(
            'select * from core."' + names[0].replace('"', '""') + '"'
        ).fetchall() == [(0, names[0])]


def test_raw_files_that_are_gone_do_not_stand_in_the_way(build: Path, tmp_path: Path):
    # as staging views are, which nobody but the next build reads
    raw = tmp_path / "raw.csv"
    raw.write_text("one\n1\n")
    with duckdb.connect(str(build)) as connection:
        connection.execute(f"create view core.raw as select * from read_csv('{raw}')")
    raw.unlink()
    published(build)
    assert version_of(published_by(build)) == 1


def test_open_readers_keep_what_they_read(build: Path):
    published(build)
    with duckdb.connect(str(published_by(build)), read_only=True) as reader:
        write(build, 2)
        published(build)
        assert reader.execute("select min(version) from core.first").fetchall() == [(1,)]
    assert version_of(published_by(build)) == 2


def make(database: Path) -> subprocess.CompletedProcess[str]:
    """`make build` with this interpreter; the environment is taken as it is."""
    return subprocess.run(
        [
            *("make", "-C", str(PROJECT_DIR), "-o", ".venv/.runtime", "build"),
            *(f"DUCKDB_PATH={database}", "PUBLISH_DIR=", f"PY={sys.executable}"),
            f"DBT={sys.executable} -W ignore -m dbt.cli.main --warn-error --no-use-colors",
        ],
        # run by `make test`: nothing of that make's
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
        | {
            "DBT_TARGET_PATH": str(database.parent / "target"),
            "DBT_LOG_PATH": str(database.parent / "logs"),
        },
        capture_output=True,
        text=True,
        check=False,
    )


def test_make_build_publishes_what_passed_its_tests_and_only_that(built: Dbt, tmp_path: Path):
    build = built.copy(tmp_path).database
    good = make(build)
    assert good.returncode == 0, good.stdout + good.stderr
    path = published_by(build)
    assert f"Published {path}" in good.stdout
    first = path.stat()
    # as a bug in a model would do: a mart that lacks users
    with duckdb.connect(str(build)) as connection:
        connection.execute("delete from marts.mart_users where app_id is not null")
    bad = make(build)
    assert bad.returncode != 0
    assert "mart_users_holds_every_session" in bad.stdout
    assert "Published" not in bad.stdout
    assert (path.stat().st_ino, path.stat().st_mtime) == (first.st_ino, first.st_mtime)
    with duckdb.connect(str(path), read_only=True) as connection:
        ((users,),) = connection.execute("select count(*) from marts.mart_users").fetchall()
    assert users == built.query("select count(*) from core.dim_users")[0][0]
