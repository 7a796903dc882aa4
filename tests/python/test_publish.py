"""Publishing: readers never meet a lock, half a build, or a build whose tests failed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from dbt_harness import DATABASE_FILE, PROJECT_DIR, Dbt

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


def published_by(build: Path) -> Path:
    """Where the default puts the copy."""
    return build.parent / "published" / build.name


def publish(build: Path, script: str | None = None, **environment: str) -> subprocess.Popen[str]:
    """ops/tools/publish.py as a process; `script` runs in it first, with the module imported."""
    command = [str(PUBLISH)]
    if script:
        command = [
            "-c",
            f"import os, signal, sys; sys.path.insert(0, {str(PUBLISH.parent)!r})\n"
            f"import publish\n{script}\n"
            "build = publish.database_path()\n"
            "publish.publish(build, publish.published_path(build))",
        ]
    # PUBLISH_DIR of the caller's is not for tests
    clean = {name: value for name, value in os.environ.items() if name != "PUBLISH_DIR"}
    return subprocess.Popen(
        [sys.executable, *command],
        env=clean | {"DUCKDB_PATH": str(build)} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def published(build: Path, **environment: str) -> str:
    """Publish, and what was said."""
    process = publish(build, **environment)
    said = process.communicate()[0]
    assert process.returncode == 0, said
    return said


def refused(build: Path, **environment: str) -> str:
    """Publish, which fails, and what was said: a sentence and no traceback."""
    process = publish(build, **environment)
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


def test_what_is_published_is_compact_and_for_reading_only(build: Path):
    for version in range(5):
        write(build, version)
    published(build)
    path = published_by(build)
    assert sorted(file.name for file in path.parent.iterdir()) == [DATABASE_FILE]
    assert path.stat().st_size < build.stat().st_size
    assert path.stat().st_mode & 0o222 == 0
    with duckdb.connect(str(path), read_only=True) as connection:
        ((blocks, free),) = connection.execute(
            "select total_blocks, free_blocks from pragma_database_size()"
        ).fetchall()
    assert free <= blocks // 10


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
        assert sorted(file.name for file in path.parent.rglob("*")) == [
            ".publishing",
            DATABASE_FILE,
            DATABASE_FILE,
        ]
    published(build)
    assert version_of(path) == 2
    assert sorted(file.name for file in path.parent.iterdir()) == [DATABASE_FILE]


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


def test_where_there_is_nothing_to_publish_the_message_says_what_to_do(tmp_path: Path):
    said = refused(tmp_path / DATABASE_FILE)
    assert f"There is no database at {tmp_path / DATABASE_FILE}. Run `make build` first." in said
    assert not (tmp_path / "published").exists()


def test_the_folder_can_be_chosen_but_not_the_folder_of_the_build(build: Path, tmp_path: Path):
    published(build, PUBLISH_DIR=str(tmp_path / "elsewhere"))
    assert version_of(tmp_path / "elsewhere" / DATABASE_FILE) == 1
    assert "Set PUBLISH_DIR to another folder" in refused(build, PUBLISH_DIR=str(tmp_path))


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
