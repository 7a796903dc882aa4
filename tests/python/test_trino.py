"""The target `trino` on a real server: every table equals DuckDB's (G8), load by load.

Tables are Apache Iceberg's, in local files.

Runs where Trino, a Java for it and dbt-trino are there: `make test-trino` brings the first and the
last. One server serves all tests.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from dbt_harness import Dbt
from engines import assert_equal_to_duckdb, quoted, sample_in_cuts, sample_on_duckdb, stream_seeds
from pipeline import INCREMENTAL, Pipeline, assert_equals_reference
from reference import EVENT_COLUMNS
from streams import Row, generic_csv_row, random_stream, stream_config
from trino_server import HOW_TO_INSTALL, TrinoServer, installed, java_home

pytestmark = [
    pytest.mark.skipif(
        installed() is None or java_home() is None, reason=f"no Trino: {HOW_TO_INSTALL}"
    ),
    pytest.mark.skipif(
        importlib.util.find_spec("dbt.adapters.trino") is None,
        reason=f"no dbt-trino: {HOW_TO_INSTALL}",
    ),
]
STREAMS = 10
# streams have calendars of their own: what one loads first is old news to the others
VARS = {"providers": ["generic"], "raw_schema": "raw", "load_lookback_days": 5000}
ROWS_A_STATEMENT = 200


@pytest.fixture(scope="module")
def server() -> Iterator[TrinoServer]:
    """A server of its own, gone afterwards."""
    with TrinoServer() as server, pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment().items():
            patch.setenv(name, value)
        yield server


def insert(server: TrinoServer, table: str, rows: Iterable[Iterable[str]]) -> None:
    """Append rows of text, blanks as null."""
    lines = ["(" + ", ".join(map(quoted, row)) + ")" for row in rows]
    for start in range(0, len(lines), ROWS_A_STATEMENT):
        server.run_sql(
            f"insert into {table} values {', '.join(lines[start : start + ROWS_A_STATEMENT])}"
        )


def snapshots(server: TrinoServer) -> dict[str, list[tuple]]:
    """The versions that Iceberg keeps of each incremental table and of a mart."""
    tables = {**INCREMENTAL, "mart_cohorts_n_day": "marts"}
    return {
        table: server.run_sql(f'select snapshot_id from {schema}."{table}$snapshots" order by 1')
        for table, schema in tables.items()
    }


def test_the_sample_in_three_loads_is_equal_to_duckdb(server: TrinoServer, tmp_path: Path):
    dbt = Dbt(tmp_path / "sample", target="trino")
    dbt("seed")
    sample_in_cuts(server.run_sql, lambda: dbt("run"))
    assert_equal_to_duckdb(sample_on_duckdb(tmp_path / "duckdb"), server.run_sql, minimum=18)
    before = snapshots(server)
    dbt("run")
    assert snapshots(server) == before
    dbt("test", "--exclude-resource-type", "unit_test")
    for schema in ("marts", "core", "intermediate", "staging", "seeds"):
        server.run_sql(f"drop schema {schema} cascade")


def test_random_streams_in_two_loads_are_equal_to_duckdb_and_the_reference(
    server: TrinoServer, tmp_path: Path
):
    rows: list[Row] = [row for number in range(STREAMS) for row in random_stream(12_000 + number)]
    cut = sorted(row["loaded_at"] for row in rows)[len(rows) // 2]
    columns = [column for column in EVENT_COLUMNS if column != "provider"]
    duck = Pipeline(tmp_path / "duckdb")
    dbt = Dbt(tmp_path / "streams", target="trino", vars=VARS)
    dbt("seed")
    for statement in stream_seeds():
        server.run_sql(statement)
    server.run_sql("create schema raw")
    server.run_sql(f"create table raw.events ({', '.join(f'{name} varchar' for name in columns)})")
    for is_late in (False, True):
        load = [row for row in rows if (row["loaded_at"] >= cut) == is_late]
        duck.add(load)
        text = map(generic_csv_row, load)
        insert(server, "raw.events", ([row[name] for name in columns] for row in text))
        dbt("run", *duck.selection)
    duck.run()
    assert_equal_to_duckdb(duck.dbt.database, server.run_sql)
    assert_equals_reference(duck, rows, stream_config())
