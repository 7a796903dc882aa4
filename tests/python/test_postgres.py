"""The target `postgres` on a real server: every table equals DuckDB's (G8), load by load too.

Runs where a PostgreSQL server is installed and dbt-postgres is in the environment: `make
test-postgres` provides both. One server and one build of the sample serve all tests of it.
"""

from __future__ import annotations

import importlib.util
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from dbt_harness import Dbt
from engines import (
    NUMBERS,
    TIMES,
    assert_equal_to_duckdb,
    sample_in_cuts,
    sample_on_duckdb,
    spellings,
    stream_seeds,
)
from kills import dbt_process, kill, wait_for_models
from pipeline import (
    INCREMENTAL,
    Pipeline,
    assert_equals_reference,
)
from postgres_plans import nested_loops_by_model
from postgres_server import DATABASE, HOW_TO_INSTALL, PostgresServer, binaries
from reference import EVENT_COLUMNS
from streams import (
    RandomChooser,
    Row,
    batches_hostile,
    random_stream,
    stream_config,
)
from test_bad_input import KINDS, SELECT, line
from test_privacy import DEVICE, KEY, STAYS, keyed, others, person

pytestmark = [
    pytest.mark.skipif(binaries() is None, reason=f"no PostgreSQL server: {HOW_TO_INSTALL}"),
    pytest.mark.skipif(
        importlib.util.find_spec("dbt.adapters.postgres") is None,
        reason=f"no dbt-postgres: {HOW_TO_INSTALL}",
    ),
]
STREAMS = 60
# one name for all: dbt writes it into every relation of a parsed project
STREAMS_DATABASE = "streams"
# whose other side is the calendar's dates, which a range of dates is joined to
JOINED_BY_DATES = {"int_daily_active_users", "mart_session_trends"}


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """A server of its own, gone afterwards."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(scope="module")
def sample(server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Dbt:
    """The sample, seeded and built on Postgres."""
    dbt = Dbt(tmp_path_factory.mktemp("sample"), target="postgres")
    with pytest.MonkeyPatch.context() as patch:
        set_environment(patch, server)
        dbt("build", "--exclude-resource-type", "unit_test", "test")
    return dbt


@pytest.fixture(scope="module")
def duckdb_sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, built on DuckDB."""
    return sample_on_duckdb(tmp_path_factory.mktemp("duckdb_sample"))


@pytest.fixture(autouse=True)
def environment(server: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connection settings as a user would give them."""
    set_environment(monkeypatch, server)


def set_environment(
    patch: pytest.MonkeyPatch, server: PostgresServer, database: str = DATABASE
) -> None:
    """Point the target `postgres` to a database of the server."""
    for name, value in server.environment(database).items():
        patch.setenv(name, value)


def written_rows(server: PostgresServer) -> dict[str, list[tuple]]:
    """Where each row of the incremental tables is stored: a row written anew changes it."""
    return {
        table: server.run_sql(f"select ctid, xmin from {schema}.{table} order by 1", DATABASE)
        for table, schema in INCREMENTAL.items()
    } | {
        "state_models": server.run_sql(
            "select * from intermediate.state_models order by 1", DATABASE
        )
    }


# ------------------------------------------------------------------------------------- the sample


def test_the_sample_is_equal_to_duckdb(server: PostgresServer, sample: Dbt, duckdb_sample: Path):
    assert_equal_to_duckdb(duckdb_sample, server.run_sql, minimum=18)


def test_data_tests_pass(sample: Dbt):
    sample("test", "--exclude-resource-type", "unit_test", "--select", "core,test_type:singular")


def test_a_run_with_nothing_new_writes_no_row(server: PostgresServer, sample: Dbt):
    before = written_rows(server)
    marts = server.run_sql("select oid from pg_class where relname like 'mart%' order by 1")
    sample("run")
    assert written_rows(server) == before
    assert server.run_sql("select oid from pg_class where relname like 'mart%' order by 1") == marts


def test_descriptions_are_comments(server: PostgresServer, sample: Dbt):
    for schema in ("core", "marts"):
        ((tables, described),) = server.run_sql(f"""
            select count(*), count(obj_description(oid, 'pg_class')) from pg_class
            where relnamespace = '{schema}'::regnamespace and relkind in ('r', 'v')
        """)
        ((columns, described_columns),) = server.run_sql(f"""
            select count(*), count(col_description(pg_class.oid, attnum)) from pg_class
            join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
            where relnamespace = '{schema}'::regnamespace and relkind in ('r', 'v')
        """)
        assert (described, described_columns) == (tables, columns)
        assert tables > 8 and columns > 100


def test_the_sample_in_three_loads_is_equal_to_duckdb(
    server: PostgresServer, sample: Dbt, duckdb_sample: Path
):
    # the database holds the whole sample: to start over with a third of it is a loss that is meant
    runs = iter(
        [(["run", "--full-refresh"], {"accept_lost_loads": True}), (["run"], {}), (["run"], {})]
    )

    def run() -> None:
        command, vars = next(runs)
        sample(*command, vars=vars)

    with nested_loops_by_model(server.folder / "log") as loops:
        sample_in_cuts(server.run_sql, run)
    assert_equal_to_duckdb(duckdb_sample, server.run_sql, minimum=18)
    found = [(model, loop) for model, joins in loops.items() for loop in joins]
    assert {model for model, _ in found} == JOINED_BY_DATES, found
    assert all("date_day" in loop for _, loop in found), found
    assert len(loops) > 90


# ------------------------------------------------------------------------- streams and bad input


class RawTables:
    """A database whose raw table takes the loads that a DuckDB pipeline takes as files."""

    def __init__(self, server: PostgresServer, folder: Path, select: list[str]) -> None:
        self.server, self.name = server, STREAMS_DATABASE
        self.duck = Pipeline(folder / "duckdb", select=select)
        server.create_database(self.name)
        self.sql("create schema raw")
        self.create_raw([column for column in EVENT_COLUMNS if column != "provider"])
        vars = {"providers": ["generic"], "raw_schema": "raw"}
        self.dbt = Dbt(folder / "postgres", target="postgres", vars=vars)
        self.dbt("seed")
        for statement in stream_seeds():
            self.sql(statement)

    def sql(self, sql: str) -> list[tuple]:
        """The rows of a statement."""
        return self.server.run_sql(sql, self.name)

    def create_raw(self, columns: list[str]) -> None:
        """An empty raw table of text columns."""
        self.sql("drop table if exists raw.events cascade")
        self.sql(f"create table raw.events ({', '.join(f'{column} text' for column in columns)})")

    def add(self, rows: list[Row]) -> None:
        """One load for both engines, not built yet."""
        self.server.copy_csv("raw.events", self.duck.add(rows), self.name)

    def run(self, *args: str) -> None:
        """`dbt run` on Postgres."""
        self.dbt("run", *self.duck.selection, *args)

    def assert_equal(self) -> None:
        """Postgres equals what DuckDB builds of all loads in one run."""
        self.duck.run("--full-refresh")
        assert_equal_to_duckdb(self.duck.dbt.database, self.sql)


def hostile_loads(count: int, seed: int, streams: int = STREAMS) -> list[list[Row]]:
    """Loads of many streams at once, late and out of order."""
    rows = [row for number in range(streams) for row in random_stream(seed + number)]
    return batches_hostile(rows, count, RandomChooser(random.Random(seed)))


@pytest.fixture
def raw_tables(
    server: PostgresServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> RawTables:
    """An empty database for the streams of one test; a parameter says what is selected."""
    set_environment(monkeypatch, server, STREAMS_DATABASE)
    return RawTables(server, tmp_path, getattr(request, "param", []))


def test_random_streams_in_hostile_loads_are_equal_to_duckdb_and_the_reference(
    raw_tables: RawTables,
):
    loads = hostile_loads(3, 12_000)
    for rows in loads:
        raw_tables.add(rows)
        raw_tables.run()
    raw_tables.assert_equal()
    assert_equals_reference(
        raw_tables.duck, [row for rows in loads for row in rows], stream_config()
    )


def test_killed_runs_are_repaired_by_the_next(raw_tables: RawTables):
    generator = random.Random(5)
    loads = hostile_loads(3, 13_000)
    raw_tables.add(loads[0])
    raw_tables.run()
    killed_in = []
    for rows, lines in zip([*loads[1:], []], (16, 40, 28), strict=True):
        raw_tables.add(rows)
        process = dbt_process(raw_tables.duck, dbt=raw_tables.dbt)
        said = wait_for_models(process, lines=lines)
        time.sleep(generator.random() * 0.3)
        killed_in.append((said + kill(process)).strip().splitlines()[-1])
    raw_tables.run()
    raw_tables.assert_equal()
    assert len(set(killed_in)) == len(killed_in), killed_in


def test_two_runs_at_a_time_leave_nothing_that_the_next_does_not_mend(raw_tables: RawTables):
    loads = hostile_loads(2, 14_000)
    raw_tables.add(loads[0])
    raw_tables.run()
    raw_tables.add(loads[1])
    for process in [dbt_process(raw_tables.duck, dbt=raw_tables.dbt) for _ in range(2)]:
        process.communicate()  # it may fail, and say so
    raw_tables.run()
    raw_tables.assert_equal()


@pytest.mark.parametrize("raw_tables", [["+dim_users", "+fct_sessions"]], indirect=True)
def test_ids_are_hashed_as_on_duckdb(raw_tables: RawTables, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DBT_ENV_SECRET_ID_KEY", KEY)
    monkeypatch.setenv("PGOPTIONS", f"-c app_sessions.id_key={KEY}")
    for dbt in (raw_tables.dbt, raw_tables.duck.dbt):
        dbt.vars |= {"hash_ids": True}
    for rows in ([*person(), *others()], person(10)):
        raw_tables.add(rows)
        raw_tables.run()
    raw_tables.assert_equal()
    hashes = raw_tables.sql("select device_id from core.dim_users where device_id is not null")
    assert {(keyed(DEVICE),), (keyed(STAYS),)} == set(hashes)
    monkeypatch.setenv("PGOPTIONS", "")
    result = raw_tables.dbt("run", check=False)
    assert "and there is none: put it into the environment variable" in str(result)


# what PostgreSQL's text cannot hold, and what DuckDB alone knows, is no case
CASES = [kind for kind in KINDS if kind.cells is not None and "null byte" not in kind.what]


@pytest.mark.parametrize("raw_tables", [SELECT], indirect=True)
def test_text_is_read_and_refused_as_on_duckdb(raw_tables: RawTables):
    header = "event_id,app_id,device_id,event_name,event_at,loaded_at,revenue,currency"
    # a file has a time of its own, which stands in for a blank `loaded_at`; a table has none
    cases = [kind for kind in CASES if (kind.cells or {}).get("loaded_at") != ""]
    assert len(cases) == len(CASES) - 1
    lines = [line(kind.app, **(kind.cells or {})) for kind in cases]
    lines += [line("times", f"t{n}", event_at=f'"{x}"') for n, x in enumerate(spellings(TIMES))]
    lines += [line("numbers", f"n{n}", revenue=x) for n, x in enumerate(spellings(NUMBERS))]
    path = raw_tables.duck.events / "bad.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    # the same columns on both sides, since a refused row is kept whole
    raw_tables.create_raw(header.split(","))
    raw_tables.server.copy_csv("raw.events", path, raw_tables.name)
    raw_tables.run()
    raw_tables.assert_equal()


def test_typed_columns_are_read_as_what_they_are(raw_tables: RawTables):
    """Numbers, dates and times with and without zone, in a raw table that is not all text."""
    rows = {
        "timestamp": "timestamp '2024-03-09 10:00:00.123456'",
        "timestamptz": "timestamptz '2024-03-09 12:00:00.123456+02'",
        "bigint": "1709978400123456",
        "numeric": "1709978400.123456",
        "double precision": "1709978400123.456",
    }
    for number, (data_type, value) in enumerate(rows.items()):
        raw_tables.sql("drop table raw.events cascade")
        raw_tables.sql(
            f"create table raw.events as select 'e{number}' as event_id, 'app' as app_id,"
            f" 'device' as device_id, 'level' as event_name, cast({value} as {data_type})"
            " as event_at,"
            " date '2024-03-10' as loaded_at, cast(1.5 as double precision) as revenue,"
            " true as is_reengagement"
        )
        raw_tables.dbt("run", "--select", "stg_generic__events")
        assert raw_tables.sql(
            "select cast(event_at as text), cast(loaded_at as text), revenue, is_reengagement,"
            " unparsable_columns from staging.stg_generic__events"
        ) == [("2024-03-09 10:00:00.123456", "2024-03-10 00:00:00", 1.5, True, None)], data_type
