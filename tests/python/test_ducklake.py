"""The target `ducklake`: every table equals DuckDB's, load by load, and readers come in meanwhile.

Runs where the extensions `ducklake` and `sqlite_scanner` are installed as packages, which `make
test-ducklake` does.
"""

from __future__ import annotations

import importlib.util
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from dbt_harness import Dbt
from engines import assert_equal_to_duckdb, sample_in_cuts, sample_on_duckdb

EXTENSIONS = ("ducklake", "sqlite_scanner")
pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(f"duckdb_extension_{name}") is None for name in EXTENSIONS),
    reason="no DuckLake: `make test-ducklake` installs it",
)


class Lake:
    """A lake in a folder, with its catalog in SQLite."""

    def __init__(self, folder: Path) -> None:
        self.catalog = f"sqlite:{folder / 'lake.sqlite'}"
        self.data = folder / "data"
        self.extensions = folder / "extensions"
        version = f"v{duckdb.__version__}"
        ((platform,),) = duckdb.execute("pragma platform").fetchall()
        target = self.extensions / version / platform
        target.mkdir(parents=True)
        for name in EXTENSIONS:
            spec = importlib.util.find_spec(f"duckdb_extension_{name}")
            assert spec and spec.submodule_search_locations
            (package,) = spec.submodule_search_locations
            file = f"{name}.duckdb_extension"
            shutil.copy(Path(package) / "extensions" / version / file, target / file)

    def environment(self) -> dict[str, str]:
        """The variables that the target `ducklake` reads."""
        return {
            "DUCKLAKE_CATALOG": self.catalog,
            "DUCKLAKE_DATA": f"{self.data}/",
            "DUCKDB_EXTENSION_DIRECTORY": str(self.extensions),
        }

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A connection whose tables are the lake's."""
        connection = duckdb.connect(config={"extension_directory": str(self.extensions)})
        connection.execute(
            f"load ducklake; load sqlite_scanner; attach 'ducklake:{self.catalog}' as lake"
            " (meta_journal_mode 'WAL', meta_busy_timeout 10000)"
        )
        connection.execute("use lake; set TimeZone = 'UTC'")
        return connection

    def run_sql(self, sql: str) -> list[tuple]:
        """The rows of a statement."""
        with self.connect() as connection:
            return connection.execute(sql).fetchall()

    def newest_snapshot(self) -> int:
        """The version of the lake."""
        return self.run_sql("select max(snapshot_id) from ducklake_snapshots('lake')")[0][0]

    def files(self) -> int:
        """How many files of data there are."""
        return sum(1 for _ in self.data.rglob("*.parquet"))


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """A lake that takes in the sample in three loads."""
    lake = Lake(tmp_path_factory.mktemp("lake"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in lake.environment().items():
            patch.setenv(name, value)
        yield lake


@pytest.fixture(scope="module")
def dbt(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """dbt on the lake, the sample built."""
    dbt = Dbt(tmp_path_factory.mktemp("dbt"), target="ducklake")
    dbt("seed")
    sample_in_cuts(lake.run_sql, lambda: dbt("run"))
    return dbt


def test_the_sample_in_three_loads_is_equal_to_duckdb(lake: Lake, dbt: Dbt, tmp_path: Path):
    assert_equal_to_duckdb(sample_on_duckdb(tmp_path), lake.run_sql, minimum=18)
    dbt("test", "--exclude-resource-type", "unit_test")


def test_no_rows_and_no_deletes_are_kept_in_the_catalog(lake: Lake, dbt: Dbt):
    """There other readers than DuckDB do not look: they would see rows that were deleted."""
    catalog = lake.catalog.removeprefix("sqlite:")
    with closing(sqlite3.connect(catalog)) as connection:
        kept = connection.execute(
            "select name from sqlite_master where name like 'ducklake_inlined_%'"
            " and name <> 'ducklake_inlined_data_tables'"
        ).fetchall()
        assert not [
            name for (name,) in kept if connection.execute(f"select 1 from {name}").fetchone()
        ]


def test_a_run_with_nothing_new_changes_no_table_but_that_of_runs(lake: Lake, dbt: Dbt):
    before = lake.newest_snapshot()
    states = "select * from intermediate.state_models order by all"
    noted = lake.run_sql(states)
    dbt("run")
    names = dict(lake.run_sql("select table_id, table_name from ducklake_table_info('lake')"))
    changes = lake.run_sql(
        f"select changes from ducklake_snapshots('lake') where snapshot_id > {before}"
    )
    changed = {
        names[int(table)]
        for (change,) in changes
        for kind, tables in change.items()
        if not kind.startswith("views")
        for table in tables
    }
    # the log writes its row of state_models again, with what was there
    assert changed <= {"state_runs", "state_models"}
    assert lake.run_sql(states) == noted


def test_readers_come_in_while_a_run_writes(lake: Lake, dbt: Dbt):
    version = lake.newest_snapshot()
    sessions = f"(select * from core.fct_sessions at (version => {version})) as sessions"
    pinned = f"select count(*), sum(hash(sessions)) from {sessions}"
    expected = lake.run_sql(pinned)
    done = threading.Event()
    read: list[list[tuple]] = []
    failed: list[Exception] = []

    def reads() -> None:
        while not done.is_set():
            try:
                read.append(lake.run_sql("select count(*) from core.fct_sessions"))
            except Exception as error:
                failed.append(error)

    reader = threading.Thread(target=reads)
    reader.start()
    try:
        dbt("run", "--full-refresh", "-s", "fct_sessions+", "int_users+")
    finally:
        done.set()
        reader.join()
    assert not failed
    assert len(read) > 1 and len(set(map(str, read))) == 1
    assert lake.run_sql(pinned) == expected


def test_expired_snapshots_take_their_files_along(lake: Lake, dbt: Dbt, tmp_path: Path):
    before = lake.files()
    lake.run_sql("call ducklake_expire_snapshots('lake', older_than => now())")
    lake.run_sql("call ducklake_merge_adjacent_files('lake')")
    lake.run_sql("call ducklake_cleanup_old_files('lake', cleanup_all => true)")
    assert lake.files() < before
    assert_equal_to_duckdb(sample_on_duckdb(tmp_path), lake.run_sql, minimum=18)
    dbt("run")
